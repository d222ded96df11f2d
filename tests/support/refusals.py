"""What a refusal looks like over HTTP."""

from __future__ import annotations

from typing import Any

from apps.api.models import IdempotencyKey
from nexus import engine
from workorders.models import WorkOrder


def assert_refused(answer: Any, status: int, code: str, pointer: str | None = None) -> None:
    """It is a problem of this kind, and nothing was stored for it."""
    assert answer.status_code == status, answer.content[:500]
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert len(answer.content) < 20_000
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], problem
    assert WorkOrder.objects.count() == 0
    assert engine.runs.count() == 0
    assert IdempotencyKey.objects.count() == 0
