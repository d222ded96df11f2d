"""Hold the worst case of a call in every budget it touches, before the call leaves; let it go afterwards."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from billing import money
from billing.budgets import Scope
from billing.errors import BudgetExceeded
from billing.models import Budget
from billing.statements import RESERVE, SPEND
from nexus.statements import one
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
    full, held = one(RESERVE, [request_id, *apart(scopes), amount])
    if full is not None:
        raise exceeded(full, amount)
    return standings(held)


def apart(scopes: Collection[Scope]) -> tuple[list[str], list[str]]:
    """Kinds and keys, each scope once: as the statements take them."""
    asked = sorted(set(scopes))
    return [kind for kind, _ in asked], [key for _, key in asked]


def standings(held: str | None) -> list[Standing]:
    """The budgets that a reservation has held, as its statement tells them."""
    return [Standing(**one) for one in json.loads(held or "[]", parse_float=Decimal)]


@requires_transaction
def release(*, request_id: UUID) -> None:
    """Let go of everything the request holds: it cost nothing. Doing it twice is doing it once."""
    turn_into_spending(request_id=request_id, spent=money.ZERO)


@requires_transaction
def turn_into_spending(*, request_id: UUID, spent: Decimal) -> None:
    """Close what the request holds and count `spent` in the same budgets, whether it was still held there or not."""
    one(SPEND, [request_id, spent])


def exceeded(budget_id: int, needed: Decimal) -> BudgetExceeded:
    """The refusal of a budget without room, as it stands now."""
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
