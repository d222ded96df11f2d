"""One attempt: signed, within a time and a size, to a public address alone. The log tells nothing of our network."""

from __future__ import annotations

import time
from dataclasses import dataclass

from agents.safe_http.client import Limits, client
from agents.safe_http.errors import FetchFailed, FetchRefused

from . import signing

LIMITS = Limits(connect=5.0, total=15.0, bytes=64 * 1024, redirects=0)
"""A redirect is no delivery: whoever moved says so by changing the subscription."""
EXCERPT = 1_000
GONE = 410


@dataclass(frozen=True, kw_only=True)
class Said:
    """What came of an attempt."""

    ms: int
    status: int | None = None
    reason: str = ""
    """`refused`: the address is not asked; `no_answer`: nobody answered whole and in time."""
    excerpt: str = ""
    wait: float = 0.0
    """Seconds that the receiver asks for."""

    @property
    def is_delivered(self) -> bool:
        """Did the receiver take it?"""
        return self.status is not None and 200 <= self.status < 300


def send(*, url: str, message_id: str, body: str, secrets: list[str]) -> Said:
    """Post `body` to `url` and return what came of it; nothing is raised for what the receiver does."""
    raw = body.encode()
    told = signing.headers(message_id=message_id, timestamp=int(time.time()), body=raw, secrets=secrets)
    began = time.monotonic()

    def ms() -> int:
        return int((time.monotonic() - began) * 1000)

    try:
        answer = client().fetch(
            url, method="POST", headers={"content-type": "application/json", **told}, body=raw, limits=LIMITS
        )
    except FetchRefused:
        return Said(ms=ms(), reason="refused")
    except FetchFailed:
        return Said(ms=ms(), reason="no_answer")
    return Said(
        ms=ms(), status=answer.status, excerpt=_readable(answer.body), wait=_wait(answer.headers.get("retry-after", ""))
    )


def _readable(body: bytes) -> str:
    text = body[: EXCERPT * 4].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text)[:EXCERPT]


def _wait(header: str) -> float:
    return min(float(header), 3600.0) if header.isascii() and header.isdigit() and len(header) < 6 else 0.0
