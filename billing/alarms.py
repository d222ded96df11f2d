"""Tell people, once, that a budget is nearly used, and once that it will not be enough; again after its limit changed.

Told in the feed of the run whose call brought it about: of an order's budget that is the order. The feed locks its run
and a call holds its task and its budgets, so neither is told from inside a call's transactions: that would take the
locks in the wrong order. Whoever dies in between leaves it to the next call.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from django.db.models import DecimalField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Now

from billing import money, outlook, progress
from billing.conf import thresholds
from billing.models import Budget
from billing.reservations import Standing
from nexus import engine
from nexus.transactions import opens_transaction

WARNING = "budget.warning"
CRITICAL = "budget.critical"


class Caller(Protocol):
    """Whose call it was, and so in whose feed it is told: an engine.Context, for one."""

    @property
    def run_id(self) -> int:
        """The run."""

    @property
    def task_id(self) -> int:
        """Its task."""


def warn(held: Sequence[Standing], *, by: Caller) -> int:
    """Warn of those that a reservation has brought to the threshold; return of how many. Usually no statement."""
    at = thresholds().warning
    near = [
        one
        for one in held
        if not one.is_warned and outlook.is_nearly_used(total=one.limit, taken=one.spent + one.reserved, at=at)
    ]
    return sum(_warned(one, by, at) for one in near)


def look_ahead(held: Sequence[Standing], *, cost: Decimal, by: Caller) -> int:
    """Say which will not be enough, after a call that cost so much; return how many. Nothing limited: no statement."""
    watched = [one.id for one in held if one.limit is not None and not one.is_critical]
    return sum(_foreseen(budget, cost, by) for budget in Budget.objects.filter(pk__in=watched)) if watched else 0


def _foreseen(budget: Budget, cost: Decimal, by: Caller) -> bool:
    if budget.limit is None or not _is_time_to_look(budget.limit, budget.spent, cost):
        return False
    done = progress.done_of(budget.kind, budget.key, run_id=by.run_id)
    expected = outlook.predicted(used=budget.spent, total=budget.limit, done=done)
    if not outlook.is_critical(total=budget.limit, expected=expected, at=thresholds()):
        return False
    facts = _facts(budget.kind, budget.key, budget.limit, budget.spent, budget.reserved)
    return _told(
        CRITICAL, Q(pk=budget.pk, critical_at__isnull=True, limit=budget.limit), "critical_at", by,
        {**facts, "predicted_usd": money.text(expected)},
    )  # fmt: skip


def _is_time_to_look(limit: Decimal, spent: Decimal, cost: Decimal) -> bool:
    """At every whole percent that is used: what a project has done is counted over all its runs."""
    return limit == 0 or 100 * (spent - cost) // limit != 100 * spent // limit


def _warned(one: Standing, by: Caller, at: Decimal) -> bool:
    share = ExpressionWrapper(F("limit") * Value(at), output_field=DecimalField(max_digits=24, decimal_places=12))
    still = Q(pk=one.id, warned_at__isnull=True, limit=one.limit, limit__isnull=False)
    facts = _facts(one.kind, one.key, one.limit or money.ZERO, one.spent, one.reserved)
    return _told(WARNING, still & Q(spent__gte=share - F("reserved")), "warned_at", by, facts)


@opens_transaction
def _told(kind: str, guard: Q, column: str, by: Caller, facts: dict[str, object]) -> bool:
    run = engine.runs.select_for_update(no_key=True).filter(pk=by.run_id, state=engine.RunState.OPEN)
    if run.values_list("pk", flat=True).first() is None:
        return False  # nothing is appended to a run that is over; the next call of the scope tells it
    # Many calls may have seen the same threshold crossed. The row lets one of them through, the others change nothing;
    # and a limit that somebody changed meanwhile is looked at anew by the next call.
    if not Budget.objects.filter(guard).update(**{column: Now()}):
        return False
    engine.tell(run_id=by.run_id, task_id=by.task_id, kind=kind, data=facts)
    return True


def _facts(kind: str, key: str, limit: Decimal, spent: Decimal, reserved: Decimal) -> dict[str, object]:
    """For the feed. A project is that of the order; its number says nothing to people."""
    amounts = {"total_usd": limit, "used_usd": spent, "reserved_usd": reserved}
    named = {"budget": kind} if kind == "project" else {"budget": kind, "key": key}
    return {**named, **{name: money.text(amount) for name, amount in amounts.items()}}
