"""Hold the worst case of a call in every budget it touches, before the call leaves; let it go afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from billing import budgets, money
from billing.budgets import Scope
from billing.errors import BudgetExceeded
from billing.models import Budget, Hold
from billing.statements import RESERVE, SPEND
from nexus.transactions import requires_transaction


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A budget as a reservation left it."""

    id: int
    kind: str
    key: str
    limit: Decimal | None
    spent: Decimal
    reserved: Decimal
    is_warned: bool
    is_critical: bool


@requires_transaction
def reserve(*, request_id: UUID, scopes: Sequence[Scope], amount: Decimal) -> list[Standing]:
    """Hold `amount` in every budget of `scopes`, or raise BudgetExceeded; return the budgets as they are then.

    The caller's transaction must end with that error: what other budgets already gave is undone by its rollback.
    """
    if amount < 0:
        raise ValueError("a reservation is not negative")
    # By id, like everybody who changes budgets: two calls that share two budgets cannot wait for each other.
    held = [_hold(budget.pk, amount) for budget in budgets.open_for(scopes)]
    Hold.objects.bulk_create(Hold(request_id=request_id, budget_id=one.id, amount=amount) for one in held)
    return held


@requires_transaction
def release(*, request_id: UUID) -> None:
    """Let go of everything the request holds: it cost nothing. Doing it twice is doing it once."""
    turn_into_spending(request_id=request_id, spent=money.ZERO)


@requires_transaction
def turn_into_spending(*, request_id: UUID, spent: Decimal) -> None:
    """Close what the request holds and count `spent` in the same budgets, whether it was still held there or not."""
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {"request": request_id, "spent": spent})


def _hold(budget_id: int, amount: Decimal) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, {"id": budget_id, "amount": amount})
        row = cursor.fetchone()
    if row is None:
        raise _exceeded(budget_id, amount)
    names = ("id", "kind", "key", "limit", "spent", "reserved", "is_warned", "is_critical")
    return Standing(**dict(zip(names, row, strict=True)))


def _exceeded(budget_id: int, needed: Decimal) -> BudgetExceeded:
    budget = Budget.objects.get(pk=budget_id)
    limit = budget.limit if budget.limit is not None else money.ZERO
    return BudgetExceeded(
        f"The {budget.kind} budget of {money.short(limit)} cannot cover this call: {money.short(budget.spent)} spent, "
        f"{money.short(budget.reserved)} reserved, up to {money.short(needed)} needed.",
        scope=budget.kind,
        key=budget.key,
        limit=money.text(limit),
        spent=money.text(budget.spent),
        reserved=money.text(budget.reserved),
        needed=money.text(needed),
    )
