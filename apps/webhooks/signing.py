"""The three headers of Standard Webhooks (https://www.standardwebhooks.com). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

PREFIX = "whsec_"


def headers(*, message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Who says it, when, and the proof under each of `secrets`: a receiver that knows one of them is content."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(message_id=message_id, timestamp=timestamp, body=body, secret=secret) for secret in secrets
        ),
    }


def signature(*, message_id: str, timestamp: int, body: bytes, secret: str) -> str:
    """`v1,` and the HMAC-SHA-256 of id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
