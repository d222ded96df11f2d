"""Hold the worst case of a call in every budget it touches, before the call leaves; let it go afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection

from billing import budgets, money
from billing.budgets import Scope
from billing.errors import BudgetExceeded
from billing.models import Budget
from billing.statements import RESERVE, SPEND
from nexus.transactions import requires_transaction


@requires_transaction
def reserve(*, request_id: UUID, scopes: Sequence[Scope], amount: Decimal) -> None:
    """Hold `amount` in every budget of `scopes`, or raise BudgetExceeded.

    The caller's transaction must end with that error: what other budgets already gave is undone by its rollback.
    """
    if amount < 0:
        raise ValueError("a reservation is not negative")
    asked = set(scopes)
    wanted = sum(kind in budgets.ALWAYS_KEPT for kind, _ in asked)
    found, full = _reserve(request_id, asked, amount, wanted)
    if found < wanted:
        budgets.open_for(asked)
        _, full = _reserve(request_id, asked, amount, wanted)
    if full is not None:
        raise _exceeded(full, amount)


@requires_transaction
def release(*, request_id: UUID) -> None:
    """Let go of everything the request holds: it cost nothing. Doing it twice is doing it once."""
    turn_into_spending(request_id=request_id, spent=money.ZERO)


@requires_transaction
def turn_into_spending(*, request_id: UUID, spent: Decimal) -> None:
    """Close what the request holds and count `spent` in the same budgets, whether it was still held there or not."""
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {"request": request_id, "spent": spent})


def _reserve(request_id: UUID, scopes: Collection[Scope], amount: Decimal, wanted: int) -> tuple[int, int | None]:
    """See sql/reserve.sql. Nothing is held where a budget that must be there is not, or where one has no room."""
    kinds, keys = [kind for kind, _ in scopes], [key for _, key in scopes]
    asked = {"request": request_id, "kinds": kinds, "keys": keys, "amount": amount, "wanted": wanted}
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, asked | {"period": budgets.WHOLE_LIFE, "always": list(budgets.ALWAYS_KEPT)})
        kept, full = cursor.fetchone()
    return kept, full


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
