"""ASGI: so many requests per API key, said in the RateLimit fields of every answer; more are a 429.

A bucket belongs to the whole key as it was sent: whoever guesses at secrets empties a bucket of their own. Health and
metrics are never limited, and where Redis is away nobody is.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from prometheus_client import Counter

from apps.accounts.authentication import bearer_of
from apps.accounts.keys import Token

from .allowance import Allowance, Policy, Verdict
from .body_limit import Application, Message, Receive, Scope, Send
from .middleware import id_for
from .problems import MEDIA_TYPE, Answer, body_of

FREE = ("/healthz", "/readyz", "/metrics")
OPENAI = "/v1/"
DETAIL = "This key has asked more than it may. Retry-After says when to ask again."


class Rated:
    """Wraps the application; without a policy it is not there."""

    def __init__(self, application: Application, *, limit: str, redis_url: str) -> None:
        """`limit` is written as 1200/60."""
        policy = Policy.of(limit)
        self._application = application
        self.allowance = Allowance(policy, url=redis_url) if policy else None
        self.limited = Counter("nexus_rate_limited", "Requests refused with 429.", registry=None)
        self.unchecked = Counter(
            "nexus_rate_limit_unchecked", "Requests that were not counted, because Redis was away.", registry=None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it be answered, or say when to come again."""
        name = _bucket(scope) if self.allowance is not None and scope["type"] == "http" else None
        if self.allowance is None or name is None:
            await self._application(scope, receive, send)
            return
        verdict = await self.allowance.spend(name)
        if not verdict.counted:
            self.unchecked.inc()
            await self._application(scope, receive, send)
            return
        told = _fields(self.allowance.policy, verdict)
        if not verdict.allowed:
            self.limited.inc()
            await _refuse(scope, send, verdict, told)
            return

        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *told]}
            await send(message)

        await self._application(scope, receive, with_fields)


def _bucket(scope: Scope) -> str | None:
    """The name of the bucket that the request is taken from; None where none is."""
    if scope["path"] in FREE:
        return None
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    text = bearer_of(found[0].decode("latin-1")) if len(found) == 1 else None
    if text is None or Token.parse(text) is None:
        return None
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _fields(policy: Policy, verdict: Verdict) -> list[tuple[bytes, bytes]]:
    """RateLimit-Policy and RateLimit, as structured fields (draft-ietf-httpapi-ratelimit-headers-11)."""
    full_in = math.ceil((policy.requests - verdict.left) * policy.seconds / policy.requests)
    return [
        (b"ratelimit-policy", f'"default";q={policy.requests};w={policy.seconds}'.encode()),
        (b"ratelimit", f'"default";r={verdict.left};t={full_in}'.encode()),
    ]


async def _refuse(scope: Scope, send: Send, verdict: Verdict, told: list[tuple[bytes, bytes]]) -> None:
    given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"]
    request_id = id_for(given[0] if given else "")
    body, media_type = _said(scope["path"], request_id)
    raw = json.dumps(body).encode()
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(raw)).encode()),
        (b"retry-after", str(verdict.wait).encode()),
        (b"x-request-id", request_id.encode()),
        *told,
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


def _said(path: str, request_id: str) -> tuple[dict[str, Any], str]:
    """A problem; to a client of OpenAI's an error as it knows them."""
    if path.startswith(OPENAI):
        error = {"message": DETAIL, "type": "requests", "param": None, "code": "rate_limit_exceeded"}
        return {"error": error}, "application/json"
    return body_of(Answer(429, "rate_limited", DETAIL), path=path, request_id=request_id), MEDIA_TYPE
