"""The front door of the engine: everything that other packages may call.

from nexus import engine

@engine.handler("resize_image", queue="nexus.tools", timeout=60)
def resize_image(context: engine.Context) -> engine.Outcome:
    return engine.Done(output={"width": 640})
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from nexus.canvas.models import Canvas
from nexus.connections import hand_back
from nexus.crashing import crash
from nexus.deadletters.groups import Group, groups, letters
from nexus.deadletters.models import DeadLetter
from nexus.dispatch.at_once import carried, ring_when_committed
from nexus.dispatch.models import Dispatcher
from nexus.effects.errors import EffectChanged, EffectFailed
from nexus.effects.kinds import EffectState
from nexus.effects.kinds import Kind as EffectKind
from nexus.effects.ledger import close_forsaken
from nexus.effects.models import Effect
from nexus.effects.perform import Act, Performed, perform
from nexus.errors import GraphInvalid, IllegalMove, LeaseLost, NexusError, NotThere, Stopped, TimedOut, Unavailable
from nexus.events.append import Said, append
from nexus.events.catalog import FINAL
from nexus.events.complete import complete_up_to
from nexus.events.door import door, through
from nexus.events.models import Event
from nexus.events.read import Happened, feed_after
from nexus.execution.context import Context
from nexus.execution.handlers import handler, resolved, types
from nexus.execution.outcome import Done, GiveBack, Outcome, Park, Refused, Retry
from nexus.gates.ask import declare
from nexus.gates.decide import amend, decide, standing
from nexus.gates.errors import PeopleAsked
from nexus.gates.models import Approval, Vote
from nexus.gates.querysets import ApprovalQuerySet
from nexus.gates.rules import Ask, Decision
from nexus.queues.catalog import NAMES as QUEUES
from nexus.queues.keys import HINT
from nexus.queues.keys import said as said_key
from nexus.queues.leaving import leave as leave_redis
from nexus.settlement.control import cancel, hold_run, pause, redrive, resume, unpark
from nexus.settlement.hand_over import hand_over
from nexus.settlement.regroup import Edit, redrive_group, redrive_one
from nexus.tasks.gate import Gate
from nexus.tasks.graph import TaskSpec, validate
from nexus.tasks.models import Attempt, Dependency, Run, Task
from nexus.tasks.states import RunState, TaskState
from nexus.tasks.submit import Beside, Submission, begin
from nexus.tasks.submit import expand as add_to_run
from nexus.tasks.transitions import lock_run
from nexus.tasks.waiting import why
from nexus.upkeep.chores import chore
from nexus.upkeep.figures import Depth, count_dead, count_runs, count_tasks, depths
from nexus.upkeep.invariants import count_broken, count_one, invariant, repair_broken
from nexus.upkeep.invariants import names as invariants
from nexus.upkeep.workers import Worker, workers

__all__ = [
    "FINAL",
    "HINT",
    "QUEUES",
    "Act",
    "Approval", "ApprovalQuerySet", "Ask",
    "Attempt",
    "Beside",
    "Canvas",
    "Context",
    "DeadLetter", "Decision",
    "Dependency",
    "Depth",
    "Done",
    "Edit",
    "Effect", "EffectChanged", "EffectFailed", "EffectKind", "EffectState",
    "Event", "Gate",
    "GiveBack",
    "GraphInvalid",
    "Group",
    "Happened",
    "IllegalMove",
    "LeaseLost",
    "NexusError",
    "NotThere",
    "Outcome",
    "Park", "PeopleAsked", "Performed",
    "Refused",
    "Retry",
    "Run",
    "RunState",
    "Stopped",
    "Submission",
    "Task",
    "TaskSpec",
    "TaskState",
    "TimedOut",
    "Unavailable", "Vote", "Worker",
    "amend", "approvals",
    "cancel",
    "canvases", "chore", "close_forsaken", "complete_up_to",
    "count_broken", "count_dead", "count_one", "count_runs", "count_tasks", "crash", "decide", "depths",
    "dispatcher_seen_at",
    "dispatcher_seen_for",
    "door",
    "effects", "events", "expand",
    "feed_after",
    "groups",
    "hand_back", "hand_over",
    "handler", "hold_run",
    "invariant", "invariants",
    "leave_redis",
    "letters",
    "pause", "perform",
    "redrive",
    "redrive_group",
    "redrive_one",
    "repair_broken",
    "resolved",
    "resume",
    "runs",
    "said_key",
    "standing",
    "submit",
    "submit_many",
    "submit_with",
    "tasks",
    "tell",
    "through",
    "types",
    "unpark",
    "validate",
    "why",
    "workers",
]  # fmt: skip

runs = Run.objects
tasks = Task.objects
events = Event.objects
approvals = Approval.objects
effects = Effect.objects


def submit(
    *,
    tenant: str,
    subject: str,
    tasks: Sequence[TaskSpec],
    priority: int = 5,
    on_failure: Literal["block", "fail"] = "block",
) -> Run:
    """Write a run; it starts when that is committed. Raise GraphInvalid, and write nothing.

    In the caller's transaction, with what the caller writes about it; whole or not at all where there is none.
    `tenant` and `subject` are opaque here: whose it is, and the id its domain knows it by.
    """
    (run,) = submit_many(
        [Submission(tenant=tenant, subject=subject, tasks=tasks, priority=priority, on_failure=on_failure)]
    )
    return run


def submit_many(submissions: Sequence[Submission]) -> list[Run]:
    """Write several runs in one statement; in the order given. As `submit` otherwise.

    Raise GraphInvalid for the first that cannot be run, and write none.
    """
    return [run for run, _ in _submit(submissions)]


def submit_with(submissions: Sequence[Submission], rows: Beside) -> list[tuple[Run, Any]]:
    """Write several runs, and rows of the caller's own about them, in one statement; return what was told of each.

    As `submit_many` otherwise.
    """
    return _submit(submissions, beside=rows)


def _submit(submissions: Sequence[Submission], *, beside: Beside | None = None) -> list[tuple[Run, Any]]:
    # Many that are filed together are often asked the same: one graph is looked at once.
    graphs = {id(one.tasks): one.tasks for one in submissions}
    for graph in graphs.values():
        validate(graph, types=types())
    ready = {name: resolved(graph) for name, graph in graphs.items()}
    written = [replace(one, tasks=ready[id(one.tasks)]) for one in submissions]
    if not any(spec.gate for graph in graphs.values() for spec in graph):
        alone = carried(written[0].tasks) if len(written) == 1 else None
        born = begin(written, carried=alone, beside=beside)
        if born.bell is not None:
            ring_when_committed(born.bell)
        return list(zip(born.runs, born.told, strict=True))
    with transaction.atomic():
        born = begin(written, beside=beside)
        for run, one in zip(born.runs, submissions, strict=True):
            declare(run.pk, one.tasks)
        return list(zip(born.runs, born.told, strict=True))


def expand(*, run_id: int, tasks: Sequence[TaskSpec]) -> None:
    """Write more tasks into a run that is open, in the caller's transaction. Raise NotThere, IllegalMove, GraphInvalid.

    They start when that is committed; those of a paused run when it is resumed. A handler answers Done(then=…) instead.
    """
    run = lock_run(run_id)
    if run.state != RunState.OPEN or run.cancel_requested_at:
        raise IllegalMove("The run has ended; nothing is added to it", state=run.state)
    written = resolved(tasks)
    add_to_run(run, written, by=None)
    declare(run.pk, written)


def tell(*, run_id: int, kind: str, data: dict[str, Any], task_id: int | None = None) -> int:
    """Append an event of the domain to a run's feed, in the caller's transaction; return its seq."""
    return append(run_id, Said(kind=kind, data=data, task_id=task_id))


def canvases(run_id: int) -> list[Canvas]:
    """The Celery canvases that carried a run, in the order they were laid."""
    return list(Canvas.objects.filter(run_id=run_id).order_by("id"))


def dispatcher_seen_at() -> datetime | None:
    """When any dispatcher last gave a sign of life, by the database's clock; None when there never was one."""
    return Dispatcher.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()


def dispatcher_seen_for(limit: timedelta) -> bool:
    """Has a dispatcher given a sign of life within `limit`?"""
    seen = dispatcher_seen_at()
    return seen is not None and timezone.now() - seen <= limit
