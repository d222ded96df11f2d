"""What waits for a budget: one thing for people to decide per scope, whatever the number of tasks. A raise lets go on.

a person raises the limit     change_limit marks the budget as going on
let_go_on, by the clock       releases what waited, the most urgent first and then the oldest, as much as fits
as calls are settled          room comes back, and more goes on
nothing fits any more,        the mark is taken away: a person is needed again
and nothing is reserved
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from billing import budgets
from billing.errors import BudgetExceeded
from billing.models import Budget, BudgetChange
from billing.statements import ROOM_AGAIN, WAITING
from nexus import engine

AT_ONCE = 100
"""Tasks of one budget that go on in one round; a round comes every second."""
GOES_ON_FOR = timedelta(minutes=1)
"""How long a raise is in force after it last let something go on, or found that room is still to come back."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for one budget, and how that stands now."""

    kind: str
    key: str
    limit: Decimal | None
    spent: Decimal
    reserved: Decimal
    is_going_on: bool
    """It was raised, or is an order's and has room again: what waits goes on by itself."""
    tasks: int
    runs: int
    needed: Decimal
    """The most that one of the calls may cost."""
    needed_in_all: Decimal
    """The most that all of them may cost, if each makes one call."""
    since: datetime | None
    """When the oldest task was parked."""


def waiting() -> list[Waiting]:
    """Everything that waits for money, one entry per scope, the oldest first. One statement."""
    names = (
        "kind", "key", "limit", "spent", "reserved", "is_going_on", "tasks", "runs", "needed", "needed_in_all", "since",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return [Waiting(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def let_go_on(budget: Budget, *, most: int = AT_ONCE) -> int:
    """Release the first of what waits for this budget, as many as fit now; return how many.

    In order: one that does not fit is not overtaken by a smaller one. What is released and has not reserved yet is not
    counted, so that one round may release too much: what then does not fit parks again, keeps its place and costs
    nothing. Each is a transaction of its own, and a person who releases or cancels one at the same moment wins it.
    """
    room = None if budget.limit is None else budget.limit - budget.spent - budget.reserved
    gone, comes_back, who = 0, False, _raised_by(budget)
    for task in _tasks_of(budget.kind, budget.key)[:most]:
        needed = Decimal((task.wait or {})["detail"]["needed"])
        if room is not None and needed > room:
            comes_back = not _stop(budget, needed)
            break
        room = None if room is None else room - needed
        gone += _release(task.pk, **_reason(budget, task, who))
    if gone or comes_back:
        Budget.objects.filter(pk=budget.pk, going_on_at__isnull=False).update(going_on_at=Now())
    return gone


def go_on_once() -> int:
    """One round: for budgets that were raised or have room again, and for days that are over; return how many go on."""
    Budget.objects.filter(going_on_at__lt=Now() - GOES_ON_FOR).update(going_on_at=None)
    with connection.cursor() as cursor:
        cursor.execute(ROOM_AGAIN)
    raised = Budget.objects.filter(going_on_at__isnull=False).order_by("going_on_at", "id")
    return sum(let_go_on(budget) for budget in raised[:AT_ONCE]) + _after_the_day()


def _after_the_day() -> int:
    """What waited for the budget of a day goes on when that day is over: the next one has its own."""
    over = engine.tasks.parked_for(BudgetExceeded.code).filter(wait__detail__scope="day")
    found = over.filter(wait__detail__key__lt=budgets.today()).in_turn().values_list("pk", flat=True)
    return sum(_release(task_id, actor="", note="The day is over") for task_id in list(found[:AT_ONCE]))


def _tasks_of(kind: str, key: str) -> QuerySet[engine.Task]:
    """The most urgent first, then the oldest."""
    waits = engine.tasks.parked_for(BudgetExceeded.code)
    return waits.filter(wait__detail__scope=kind, wait__detail__key=key).in_turn()


def _release(task_id: int, *, actor: str, note: str) -> bool:
    try:
        engine.unpark(task_id=task_id, actor=actor, note=note)
    except engine.IllegalMove:
        return False  # somebody was faster
    return True


def _stop(budget: Budget, needed: Decimal) -> bool:
    """Nothing will come back and the next one does not fit: a person is needed again. False when it may come back.

    A call may be settled, or the limit be raised, between our look and this UPDATE: then the condition does not hold
    any more, and the next round looks again.
    """
    stuck = Budget.objects.filter(pk=budget.pk, reserved=0, spent__gt=F("limit") - needed)
    return bool(stuck.update(going_on_at=None))


def _reason(budget: Budget, task: engine.Task, raised_by: str) -> dict[str, str]:
    """Why it goes on: the limit is another than the one that refused it, or there is room again."""
    before = (task.wait or {})["detail"].get("limit")
    if before is not None and budget.limit == Decimal(before):
        return {"actor": "", "note": f"There is room in the {budget.kind} budget again"}
    return {"actor": raised_by, "note": f"The {budget.kind} budget was raised"}


def _raised_by(budget: Budget) -> str:
    changes = BudgetChange.objects.filter(kind=budget.kind, key=budget.key)
    return changes.order_by("-id").values_list("actor", flat=True).first() or ""
