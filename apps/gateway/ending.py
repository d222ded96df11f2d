"""What a client is told of work that ended without an answer, or does not go on."""

from __future__ import annotations

import contextlib

from apps.api.problems import STATUS_OF
from nexus import engine

from .errors import NotAnswered
from .standing import Standing

SPENT = frozenset({"budget_exceeded", "call_too_dear", "provider_spending_refused"})
STATUSES = {"provider_request_refused": 400, "cancelled": 409, "needs_a_person": 409}
SAYS = {"cancelled": "The request was cancelled."}
NOT_YET = "The answer is not there yet; ask again."


def completed(standing: Standing) -> Standing:
    """It, where the answer is there. Raise NotAnswered."""
    if standing.state == "completed":
        return standing
    raise refusal_of(standing)


def refusal_of(standing: Standing) -> NotAnswered:
    """Its error, with the status that the same refusal has elsewhere."""
    code = str(standing.why.get("code") or standing.state)
    message = str(standing.why.get("message") or SAYS.get(standing.state, NOT_YET))
    if not standing.is_over and standing.state != "parked":
        return NotAnswered(message, "not_ready", status=409)
    if code in SPENT:
        return NotAnswered(message, "insufficient_quota", status=429)
    return NotAnswered(message, code, status=STATUSES.get(code) or STATUS_OF.get(code, 500))


def is_unpaid(standing: Standing) -> bool:
    """Whether it waits for money."""
    return standing.state == "parked" and standing.why.get("code") in SPENT


def withdraw(standing: Standing) -> None:
    """Cancel it; one that went on meanwhile, and has ended, is as good."""
    with contextlib.suppress(engine.IllegalMove):
        engine.cancel(run_id=standing.row.run_id or 0, reason="no budget, and its client was told so")


def late(public_id: str, where: str) -> NotAnswered:
    """The client has waited long enough; the work goes on."""
    return NotAnswered(
        f"The answer is not there yet, and the work goes on: GET {where}/{public_id} finds it.", "timeout", status=504
    )
