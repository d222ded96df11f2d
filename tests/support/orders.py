"""Orders for journeys: filed and read over HTTP, as any client would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx2

from .rivals import wait_for
from .stack import Stack

REQUEST = "Draft a release checklist for a Django service with Celery workers"


BOOKED = ("/v1/messages", "/v1/chat/completions", "/v1/audio/transcriptions")
"""What of a provider is paid for, as journeys use it."""


def file(client: httpx2.Client, message: str = REQUEST, **given: Any) -> str:
    """File an order; return its id."""
    answer = client.post("/api/v2/work-orders", json={"message": message, **given})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def look(client: httpx2.Client, order: str) -> dict[str, Any]:
    """The order as a client sees it now."""
    answer = client.get(f"/api/v2/work-orders/{order}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def settled(client: httpx2.Client, order: str, *, status: str = "completed", within: float = 90) -> dict[str, Any]:
    """Wait until the order has `status`; return it."""

    def there() -> dict[str, Any] | None:
        seen = look(client, order)
        assert seen["status"] in {status, "queued", "in_progress"}, (seen["status"], seen["waiting_for"], seen["tasks"])
        return seen if seen["status"] == status else None

    return dict(wait_for(there, within=within, what=f"{order} to be {status}"))


def events(client: httpx2.Client, order: str) -> list[dict[str, Any]]:
    """Every event of the order."""
    return list(client.get(f"/api/v2/work-orders/{order}/events").json()["results"])


def task_of(view: dict[str, Any], key: str) -> dict[str, Any]:
    """One task of a view."""
    return next(task for task in view["tasks"] if task["key"] == key)


def assert_books_balance(nexus: Stack) -> None:
    """Every request that the sandbox received has one ledger line, and no line is without a request.

    But those of media, which are made here and asked of nobody. What others still ask is booked when it is answered.
    """
    wait_for(lambda: _booked(nexus) == _asked(nexus), what="a charge for each request")
    assert nexus.rows("SELECT count(*) FROM billing_budget WHERE reserved <> 0") == [(0,)]


def _asked(nexus: Stack) -> list[str]:
    with nexus.sandbox() as sandbox:
        return sorted(one["request_id"] for one in sandbox.get("/journal").json() if one["path"].startswith(BOOKED))


def _booked(nexus: Stack) -> list[str]:
    charges = "SELECT request_id FROM billing_ledgerentry WHERE kind = 'CHARGE' AND provider <> 'media'"
    return sorted(str(row[0]) for row in nexus.rows(charges))


def assert_settled_once(nexus: Stack) -> None:
    """No task was completed twice, whatever happened to its workers."""
    twice = nexus.rows(
        "SELECT task_id FROM nexus_event WHERE kind = 'task.completed' GROUP BY task_id HAVING count(*) > 1"
    )
    assert twice == []


def cost_of(view: dict[str, Any]) -> Decimal:
    """The sum of what its tasks cost."""
    return sum((Decimal(task["cost_usd"]) for task in view["tasks"]), Decimal(0))
