"""Is a message really from who holds the secret? Three ways in which systems show it. Pure.

standard   Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature; a window of five minutes
github     X-Hub-Signature-256 over the body; X-GitHub-Delivery is its id
token      the secret itself: Authorization: Bearer, or X-Webhook-Token; webhook-id or Idempotency-Key is its id
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping

from .errors import NoDeliveryId, NotProved

WINDOW = 300
"""Seconds that a signed message may be old, or a sender's clock be ahead."""
LONGEST_ID = 200
SECRETS = "whsec_"
Headers = Mapping[str, str]
"""By names in lower case."""


def prove(way: str, *, secret: str, headers: Headers, body: bytes, now: float) -> str:
    """Return the message's id, or raise NotProved, NoDeliveryId."""
    return WAYS[way](secret, headers, body, now)


def _standard(secret: str, headers: Headers, body: bytes, now: float) -> str:
    message_id, told = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{message_id}.{told}.".encode("utf-8", "surrogateescape") + body
    key = base64.b64decode(secret.removeprefix(SECRETS))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    given = [part.partition(",")[2] for part in headers.get("webhook-signature", "").split(" ")[:8]]
    # Every signature is compared, whichever is right: time tells nothing.
    answers = [hmac.compare_digest(wanted, one.encode("utf-8", "surrogateescape")) for one in given]
    if not any(answers):
        raise NotProved
    if not (told.isascii() and told.isdigit() and len(told) <= 12) or abs(now - int(told)) > WINDOW:
        raise NotProved("The message is older than five minutes, or its sender's clock is wrong")
    return _id(message_id)


def _github(secret: str, headers: Headers, body: bytes, now: float) -> str:
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not _same(headers.get("x-hub-signature-256", ""), wanted):
        raise NotProved
    return _id(headers.get("x-github-delivery", ""))


def _token(secret: str, headers: Headers, body: bytes, now: float) -> str:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    given = bearer if scheme.lower() == "bearer" else headers.get("x-webhook-token", "")
    if not _same(given, secret):
        raise NotProved
    return _id(headers.get("webhook-id") or headers.get("idempotency-key") or "")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


def _id(told: str) -> str:
    if not told or len(told) > LONGEST_ID or not told.isascii() or not told.isprintable():
        raise NoDeliveryId
    return told


WAYS: dict[str, Callable[[str, Headers, bytes, float], str]] = {
    "standard": _standard, "github": _github, "token": _token,
}  # fmt: skip
