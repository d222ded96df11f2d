"""AWS Signature Version 4: a request, signed. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Whose request it is, and for which service."""

    access_key: str
    secret_key: str
    region: str
    service: str
    session_token: str = ""


def signed(
    keys: Keys, *, method: str, url: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> dict[str, str]:
    """The headers of the request with those that prove whose it is; `at` is in UTC."""
    parts = urlsplit(url)
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    told = {**headers, "host": parts.netloc, "x-amz-date": stamp}
    told |= {"x-amz-security-token": keys.session_token} if keys.session_token else {}
    lower = {name.lower(): " ".join(value.split()) for name, value in told.items()}
    names = ";".join(sorted(lower))
    # The path is encoded once more than it travels; the query is sorted.
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(parse_qsl(parts.query, keep_blank_values=True))
    )
    canonical = "\n".join(
        [
            method, quote(parts.path or "/", safe="/-_.~"), query,
            *(f"{name}:{lower[name]}" for name in sorted(lower)), "", names, hashlib.sha256(body).hexdigest(),
        ]
    )  # fmt: skip
    scope = f"{day}/{keys.region}/{keys.service}/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{keys.secret_key}".encode()
    for part in (day, keys.region, keys.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    proof = hmac.digest(key, to_sign.encode(), "sha256").hex()
    told["authorization"] = (
        f"{ALGORITHM} Credential={keys.access_key}/{scope}, SignedHeaders={names}, Signature={proof}"
    )
    return told
