"""The only writer of state. Each function is an arrow of states.py; sql/ holds the hot ones.

Every change is a guarded UPDATE whose guard stands on the row that it changes; the number of rows
is the answer. The run is locked before its tasks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from django.db.models import F
from django.db.models.functions import Now

from nexus.conf import dials
from nexus.errors import IllegalMove, NotThere
from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.events.hint import hint_on_commit
from nexus.transactions import requires_transaction

from . import statements
from .claims import Claim, Holder, Settled
from .models import Run, Task
from .states import STOPPABLE, RunState, TaskState
from .waking import has_ended, wake, wake_later

Move = Literal["completed", "failed", "retry", "given_back", "parked"]
AGAIN = ("retry", "given_back")
MOST_ALONG = 7
"""Tasks that one worker takes along with the next at most."""
RAREST_BELL = 8
"""Bells of a task that nobody claims are at most so many times NEXUS_RING_AGAIN_AFTER apart. A worker that is cut off
from the tables takes bells and can claim nothing: a task waits for a bell that somebody else takes."""


def claim(task_id: int, holder: Holder, *, in_turn: bool = False) -> Claim | None:
    """READY -> RUNNING for this task, or None: it is held, done, paused, cancelled, or its key is another one's.

    `in_turn`: a task of its queue that comes before it is taken in its place.
    """
    return _first(statements.CLAIM, task_id, holder, in_turn)


def claim_next(queue: str, holder: Holder) -> Claim | None:
    """READY -> RUNNING for the best task of `queue`, or None: nothing is free there."""
    return _first(statements.CLAIM_NEXT, queue, holder)


def _first(statement: str, what: int | str, holder: Holder, *more: bool) -> Claim | None:
    (told,) = statements.one(statement, (what, holder.worker, holder.delivery, dials().lease_for, *more))
    return Claim.maybe(told)


def settle(
    held: Claim,
    move: Move,
    holder: Holder,
    *,
    output: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    wait: dict[str, Any] | None = None,
    traceback: str | None = None,
    again: float | None = None,
    go_on: bool = False,
    short: Sequence[str] = (),
) -> Settled:
    """End this execution if its fence still holds the task; say what to go on with.

    `short` are the types of which siblings may be taken along. One statement, one commit outside a transaction. See
    sql/50_settle.sql for the guard.
    """
    turn = dials()
    verdict, state, seq, told, along, ring, ended = statements.one(
        statements.SETTLE,
        (
            held.task_id, held.run_id, held.fence, move, _json(output), _json(error), _json(wait), traceback,
            again, turn.covered_for, turn.head_start, held.queue if go_on else None,
            holder.worker, holder.delivery, turn.lease_for, list(short) or None, MOST_ALONG,
        ),
    )  # fmt: skip
    if verdict == "fenced":
        return Settled(verdict="fenced")
    _tell(held.run_id, holder, seq, ring, ended)
    return Settled(verdict="settled", state=state, next=Claim.maybe(told), along=Claim.several(along))


def settle_together(
    done: Sequence[tuple[Claim, Mapping[str, Any] | None]],
    holder: Holder,
    *,
    go_on: bool = False,
    short: Sequence[str] = (),
) -> tuple[list[Claim], Settled]:
    """Complete several tasks of one run, each with its output; return those that were fenced, and what to go on with.

    One statement, one commit, and for each what `settle` does, its guard too.
    """
    turn = dials()
    first = done[0][0]
    verdicts, seq, told, along, ring, ended = statements.one(
        statements.SETTLE_TOGETHER,
        (
            [held.task_id for held, _ in done], first.run_id, [held.fence for held, _ in done],
            [_json(output) for _, output in done], turn.covered_for, turn.head_start, first.queue if go_on else None,
            holder.worker, holder.delivery, turn.lease_for, list(short) or None, MOST_ALONG,
        ),
    )  # fmt: skip
    fenced = [held for (held, _), verdict in zip(done, verdicts, strict=True) if verdict == "fenced"]
    if len(fenced) < len(done):
        _tell(first.run_id, holder, seq, ring, ended)
    return fenced, Settled(verdict="settled", next=Claim.maybe(told), along=Claim.several(along))


def _tell(run_id: int, holder: Holder, seq: int, ring: float | None, ended: bool) -> None:  # noqa: FBT001 - as told
    hint_on_commit(run_id, seq, ended=ended)
    if ended:
        has_ended(run_id)
    if ring == 0:
        wake()
    elif ring is not None and not holder.is_looked_for:
        wake_later(run_id, ring)


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)


@requires_transaction
def lock_run(run_id: int) -> Run:
    """Lock the run's row for this transaction; raise NotThere."""
    try:
        return Run.objects.select_for_update(no_key=True).get(pk=run_id)
    except Run.DoesNotExist:
        raise NotThere(run_id=run_id) from None


@requires_transaction
def request_cancel(run: Run, *, data: dict[str, Any]) -> None:
    """End what is not running, and mark the run; what runs is told by its heartbeat.

    The caller locked the run. A settle that waits for that lock finds the mark and cancels itself.
    """
    if run.state != RunState.OPEN or run.cancel_requested_at:
        raise IllegalMove(f"The run is {_shown(run)}; only an open one can be cancelled", state=_shown(run))
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=Now(), paused_at=None, failed_tasks=0)
    stopped = list(Task.objects.of(run.pk).filter(state__in=STOPPABLE).values_list("id", flat=True))
    Task.objects.filter(pk__in=stopped, state__in=STOPPABLE).update(
        state=TaskState.CANCELLED, finished_at=Now(), ring_at=None, not_before=None
    )
    last = append(
        run.pk,
        Said(kind=kinds.RUN_CANCEL_REQUESTED, data=data),
        *(Said(kind=kinds.TASK_CANCELLED, task_id=task_id) for task_id in stopped),
    )
    closed = statements.rows("SELECT nexus_close_run(%s, %s, %s, 0) AS seq", [run.pk, last, len(stopped)])
    hint_on_commit(run.pk, closed[0]["seq"])


def _shown(run: Run) -> str:
    return "being cancelled" if run.state == RunState.OPEN and run.cancel_requested_at else run.state


@requires_transaction
def pause(run: Run, *, data: dict[str, Any]) -> None:
    """No task of the run is claimed any more; what runs stops before its next call. The run is locked."""
    if run.state != RunState.OPEN or run.cancel_requested_at or run.paused_at:
        shown = "paused" if run.paused_at else _shown(run)
        raise IllegalMove(f"The run is {shown}; only a moving one can be paused", state=shown)
    Run.objects.filter(pk=run.pk).update(paused_at=Now())
    append(run.pk, Said(kind=kinds.RUN_PAUSED, data=data))


@requires_transaction
def resume(run: Run, *, data: dict[str, Any]) -> None:
    """The run moves again, at once. The run is locked."""
    if run.state != RunState.OPEN or not run.paused_at:
        raise IllegalMove(f"The run is {_shown(run)}; only a paused one can be resumed", state=_shown(run))
    Run.objects.filter(pk=run.pk).update(paused_at=None)
    Task.objects.ready().filter(run_id=run.pk).update(ring_at=Now(), rings=0)
    Task.objects.filter(run_id=run.pk, state=TaskState.PENDING, deps_left=0, wait__code="stopped").update(
        not_before=Now()
    )
    append(run.pk, Said(kind=kinds.RUN_RESUMED, data=data))


@requires_transaction
def unpark(task: Task, *, data: dict[str, Any]) -> None:
    """WAITING_APPROVAL -> READY. The caller locked the run."""
    moved = Task.objects.filter(pk=task.pk, state=TaskState.WAITING_APPROVAL).update(
        state=TaskState.READY, ring_at=Now(), rings=0, wait=None
    )
    if not moved:
        raise IllegalMove(f"The task is {task.state}; only a parked one can be released", state=task.state)
    append(task.run_id, Said(kind=kinds.TASK_UNPARKED, task_id=task.pk, data=data))


@requires_transaction
def hold_for_decision(task: Task, *, wait: dict[str, Any]) -> None:
    """READY -> WAITING_APPROVAL before anybody claims it; what a gate kept PENDING is made READY first.

    The caller locked the run, and nobody sees the task READY in between: it is one transaction.
    """
    shut = Task.objects.filter(pk=task.pk, state=TaskState.PENDING, deps_left=0)
    shut.update(state=TaskState.READY, not_before=None)
    moved = Task.objects.filter(pk=task.pk, state=TaskState.READY).update(
        state=TaskState.WAITING_APPROVAL, ring_at=None, rings=0, wait=wait
    )
    if not moved:
        raise IllegalMove(f"The task is {task.state}; only one that waits for nothing is held", state=task.state)
    append(task.run_id, Said(kind=kinds.TASK_PARKED, task_id=task.pk, data={"wait": wait}))


@requires_transaction
def end_waiting(run: Run, task: Task, *, data: dict[str, Any]) -> None:
    """WAITING_APPROVAL -> CANCELLED, and with it all that would come after it. The caller locked the run."""
    moved = Task.objects.filter(pk=task.pk, state=TaskState.WAITING_APPROVAL).update(
        state=TaskState.CANCELLED, finished_at=Now(), ring_at=None, not_before=None
    )
    if not moved:
        raise IllegalMove(f"The task is {task.state}; only a parked one can be ended", state=task.state)
    # What comes after a task that is not completed is PENDING, and stays so under the run's lock.
    after = [row["id"] for row in statements.rows(statements.DESCENDANTS, [task.pk])]
    Task.objects.filter(pk__in=after, state=TaskState.PENDING).update(
        state=TaskState.CANCELLED, finished_at=Now(), not_before=None
    )
    last = append(
        run.pk,
        Said(kind=kinds.TASK_CANCELLED, task_id=task.pk, data=data),
        *(Said(kind=kinds.TASK_CANCELLED, task_id=task_id) for task_id in after),
    )
    closed = statements.rows("SELECT nexus_close_run(%s, %s, %s, 0) AS seq", [run.pk, last, 1 + len(after)])
    hint_on_commit(run.pk, closed[0]["seq"])


@requires_transaction
def redrive(run: Run, task: Task, *, data: dict[str, Any], after: timedelta = timedelta(0)) -> None:
    """FAILED -> PENDING, due `after` that long, with all its attempts again. The caller locked the run.

    A run that this death has ended, or is ending, has counted the task as closed: nothing of it starts again.
    """
    if run.state != RunState.OPEN or run.cancel_requested_at:
        raise IllegalMove(f"The run is {_shown(run)}; only in an open one a task is driven again", state=_shown(run))
    moved = Task.objects.filter(pk=task.pk, state=TaskState.FAILED).update(
        state=TaskState.PENDING, not_before=Now() + after, attempt=0, wait=None
    )
    if not moved:
        raise IllegalMove(f"The task is {task.state}; only a dead one can be driven again", state=task.state)
    Run.objects.filter(pk=task.run_id).update(failed_tasks=F("failed_tasks") - 1)
    append(task.run_id, Said(kind=kinds.TASK_REDRIVEN, task_id=task.pk, data=data))


@requires_transaction
def make_ready(run_id: int, task_ids: Sequence[int]) -> int:
    """PENDING -> READY for those of one run whose time has come; return how many. The run is locked."""
    due = list(
        Task.objects.due_to_be_ready()
        .filter(pk__in=task_ids, run_id=run_id)
        .order_by("id")
        .values_list("id", flat=True)
    )
    moved = Task.objects.filter(pk__in=due, state=TaskState.PENDING, deps_left=0).update(
        state=TaskState.READY, not_before=None, ring_at=Now(), rings=0
    )
    if moved:
        append(run_id, *(Said(kind=kinds.TASK_READY, task_id=task_id) for task_id in due))
    return moved


def take_bells(room: Mapping[str, int], *, most: int, unless_at_work: bool = False) -> dict[str, Any]:
    """Put off the bells of due READY tasks, up to `room`, and `most`, of each queue; tell what to ring.

    See sql/65_take_bells.sql for what it tells; empty when nothing is due.
    """
    share = [min(places, most) for places in room.values()]
    again = dials().ring_again_after
    (told,) = statements.one(statements.TAKE_BELLS, [list(room), share, again, RAREST_BELL * again, unless_at_work])
    return {} if told is None else dict(json.loads(told))


def give_back_bells(task_ids: Sequence[int]) -> None:
    """They were not rung after all: due again soon, and not counted, so that a long outage does not make bells rare.

    Whoever claimed a task meanwhile has changed it, and it is left alone.
    """
    Task.objects.ready().filter(pk__in=task_ids, rings__gt=0).update(
        ring_at=Now() + timedelta(seconds=1), rings=F("rings") - 1
    )
