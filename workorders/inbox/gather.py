"""Read what needs a person. A fixed number of statements, however much there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from billing import parked
from billing.errors import BudgetExceeded
from nexus import engine
from workorders import limits
from workorders.states import ASKS_BACK

from .item import Item, Kind

MOST = 200
"""Of each kind; the oldest."""
ELSEWHERE = ("approval", BudgetExceeded.code)
"""What is parked for these is told by its approval, and by its budget."""


def gather(kinds: Collection[Kind], *, tenants: Collection[str] | None = None) -> list[Item]:
    """Everything of these kinds, of these projects or of all; the most urgent first, then the oldest.

    Budgets, and effects of tasks that are over, are the Board's: they are left out where projects are named.
    """
    found = [item for kind in kinds if tenants is None or kind not in FOR_THE_BOARD for item in READ[kind](tenants)]
    now = timezone.now()
    return sorted(found, key=lambda item: item.rank(now))


def _approvals(tenants: Collection[str] | None) -> Iterator[Item]:
    waiting = engine.approvals.waiting() if tenants is None else engine.approvals.waiting().of_tenants(tenants)
    for one in waiting.select_related("run", "task").defer("content", "proposed").order_by("id")[:MOST]:
        yield Item(
            kind="approval", key=str(one.pk), why=one.message, since=one.asked_at, order=one.run.subject,
            project=one.run.tenant, priority=one.run.priority, tasks=one.run.open_tasks, who=tuple(one.approvers),
            until=one.expires_at, then=one.on_timeout if one.expires_at else "",
            facts={"allows": one.allows, "title": one.task.title or one.task.key, "votes": one.votes,
                   "quorum": one.quorum, "requester": one.requester if one.four_eyes else ""},
        )  # fmt: skip


def _parked(kind: Kind) -> Callable[[Collection[str] | None], Iterator[Item]]:
    """Tasks that a person releases or answers: a question of the order itself, or whatever else a handler said."""

    def read(tenants: Collection[str] | None) -> Iterator[Item]:
        told = engine.events.filter(run_id=OuterRef("run_id"), task_id=OuterRef("pk"), kind="task.parked")
        tasks = engine.tasks.filter(state=engine.TaskState.WAITING_APPROVAL, run__state=engine.RunState.OPEN)
        mine = tasks.filter(wait__code=ASKS_BACK) if kind == "question" else _of_neither(tasks)
        rows: Any = _of(mine, tenants).select_related("run").defer("input", "output")
        since = Coalesce(Subquery(told.order_by("-seq").values("at")[:1]), F("created_at"))
        for task in rows.annotate(since=since).order_by("id")[:MOST]:
            yield Item(
                kind=kind, key=str(task.pk), why=str((task.wait or {}).get("message") or task.title or task.key),
                since=task.since, order=task.run.subject, project=task.run.tenant, priority=task.run.priority,
                tasks=task.run.open_tasks,
            )  # fmt: skip

    return read


def _of_neither(tasks: QuerySet[engine.Task]) -> QuerySet[engine.Task]:
    # Not `exclude(code__in=…)` alone: a task without a reason would be lost with it.
    known = tasks.filter(wait__code__in=(ASKS_BACK, *ELSEWHERE))
    return tasks.exclude(pk__in=known.values("pk"))


def _money(tenants: Collection[str] | None) -> Iterator[Item]:
    found = parked.waiting()
    slugs = limits.slugs_of(found)
    for one in found:
        enough = one.spent + one.reserved + one.needed_in_all
        yield Item(
            kind="money", key=f"{one.kind}/{one.key}", why=limits.shown(one.kind, one.key, slugs),
            since=one.since or timezone.now(), order=one.key if one.kind == "order" else "",
            project=one.key if one.kind == "project" else "", tasks=one.tasks, orders=one.runs,
            facts={"scope": one.kind, "limit": one.limit, "spent": one.spent, "reserved": one.reserved,
                   "needed": one.needed, "enough": enough, "is_going_on": one.is_going_on},
        )  # fmt: skip


def _failures(tenants: Collection[str] | None) -> Iterator[Item]:
    groups = engine.groups(tenants=tenants)[:MOST]
    letters = engine.DeadLetter.objects.filter(
        raised_at__isnull=True, task__state=engine.TaskState.FAILED, task__run__state=engine.RunState.OPEN,
        task__run__cancel_requested_at__isnull=True,
        fingerprint__in=[group.fingerprint for group in groups],
    )  # fmt: skip
    subjects: dict[str, list[str]] = defaultdict(list)
    urgent: dict[str, int] = {}
    rows = letters.values("fingerprint", "task__run__subject").annotate(priority=Max("task__run__priority"))
    for row in rows.order_by("fingerprint", "task__run__subject")[: MOST * 10]:
        subjects[row["fingerprint"]].append(row["task__run__subject"])
        urgent[row["fingerprint"]] = max(row["priority"], urgent.get(row["fingerprint"], 0))
    for group in groups:
        stopped = subjects[group.fingerprint]
        yield Item(
            kind="failure", key=group.fingerprint, why=str(group.error.get("message") or group.error.get("code") or ""),
            since=group.first_at, order=stopped[0] if len(stopped) == 1 else "", tasks=group.count,
            orders=len(stopped), priority=urgent.get(group.fingerprint, 5), facts={"types": group.types},
        )  # fmt: skip


def _effects(tenants: Collection[str] | None) -> Iterator[Item]:
    for one in engine.effects.forsaken().select_related("run", "task").order_by("id")[:MOST]:
        yield Item(
            kind="effect", key=str(one.pk), why=one.name, since=one.taken_at, order=one.run.subject,
            project=one.run.tenant, priority=one.run.priority, tasks=0, facts={"task": one.task.key},
        )  # fmt: skip


def _calls(tenants: Collection[str] | None) -> Iterator[Item]:
    """Orders that were escalated to the Board, and are held since."""
    said = engine.events.filter(run_id=OuterRef("pk"), kind="order.escalated", data__to="board")
    said = said.filter(at__gte=OuterRef("paused_at")).order_by("-seq")
    held = engine.runs.open().filter(paused_at__isnull=False, cancel_requested_at__isnull=True)
    rows: Any = held if tenants is None else held.filter(tenant__in=tenants)
    rows = rows.annotate(why=Subquery(said.values("data__reason")[:1]), by=Subquery(said.values("data__actor")[:1]))
    for run in rows.filter(Exists(said)).order_by("id")[:MOST]:
        yield Item(
            kind="call", key=str(run.pk), why=run.why or "", since=run.paused_at, order=run.subject,
            project=run.tenant, priority=run.priority, tasks=run.open_tasks, facts={"by": run.by or ""},
        )  # fmt: skip


def _of(tasks: QuerySet[engine.Task], tenants: Collection[str] | None) -> QuerySet[engine.Task]:
    return tasks if tenants is None else tasks.filter(run__tenant__in=tenants)


READ: dict[Kind, Callable[[Collection[str] | None], Iterator[Item]]] = {
    "approval": _approvals,
    "question": _parked("question"),
    "money": _money,
    "failure": _failures,
    "effect": _effects,
    "call": _calls,
    "wait": _parked("wait"),
}
FOR_THE_BOARD: tuple[Kind, ...] = ("money", "effect")
"""What is of no single project, or of none that goes on."""
