"""Webhooks, filled in: what OpenAPI shows beside each operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

AT = "2026-02-17T09:30:00.120000+00:00"
HOOK: dict[str, Any] = {
    "id": "hook-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11", "project": "default", "url": "https://example.com/nexus",
    "kinds": ["run.*", "order.delivered"], "description": "The shop", "enabled": True, "disabled_at": None,
    "disabled_why": None, "failing_since": None, "created_by": "ada", "created_at": AT,
}  # fmt: skip
SENT: dict[str, Any] = {
    "id": "msg_6b0f1a524a0b4d0e8f4e9c7d3b1f2a10", "kind": "run.completed", "state": "delivered", "attempts": 1,
    "created_at": AT, "ended_at": AT,
}  # fmt: skip
BODY = (
    '{"type": "run.completed", "timestamp": "2026-02-17T09:30:00.120000+00:00", "data": {"order": "WO-20260217-0001", '
    '"project": "default", "seq": 41, "task": null, "event": {}}}'
)
TRIES = [{"number": 1, "at": AT, "ms": 84, "status": 204, "code": "", "excerpt": ""}]

ASKED = OpenApiExample(
    "A webhook", value={"url": "https://example.com/nexus", "kinds": ["run.*", "order.delivered"]}, request_only=True
)
CHANGED = OpenApiExample("Switch it on again", value={"enabled": True}, request_only=True)
ONE = OpenApiExample("The webhook", value=HOOK, response_only=True)
OPENED = OpenApiExample(
    "The webhook, and its secret",
    value={**HOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="},
    response_only=True,
)
LIST = OpenApiExample("A page", value={"results": [HOOK], "next": None, "previous": None}, response_only=True)
DELIVERIES = OpenApiExample("A page", value={"results": [SENT], "next": None, "previous": None}, response_only=True)
SENT_ONE = OpenApiExample("The delivery", value=SENT, response_only=True)
DELIVERY = OpenApiExample(
    "A delivery", value={**SENT, "url": HOOK["url"], "body": BODY, "tries": TRIES}, response_only=True
)
