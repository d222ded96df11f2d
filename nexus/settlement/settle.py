"""Close one execution: the task, its attempt and lease, its children, its run; in one transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from nexus.conf import dials
from nexus.deadletters.bury import bury
from nexus.errors import LeaseLost
from nexus.gates.ask import ask, declare
from nexus.gates.rules import Ask
from nexus.tasks import submit, transitions
from nexus.tasks.claims import Claim, Holder, Settled
from nexus.tasks.graph import TaskSpec
from nexus.tasks.models import Attempt, Task
from nexus.tasks.states import TaskState
from nexus.tasks.transitions import Move
from nexus.transactions import requires_transaction

log = logging.getLogger("nexus.settlement")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an execution ends. `then` is written in the same transaction."""

    move: Move
    output: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    wait: dict[str, Any] | None = None
    traceback: str | None = None
    again: float | None = None
    then: Sequence[TaskSpec] = ()
    ask: Ask | None = None
    """What people decide before the task goes on; its `wait` is written with it."""

    @property
    def is_plain(self) -> bool:
        """Is it done, and nothing else to be written?"""
        return self.move == "completed" and not self.then and not self.ask


def settle(held: Claim, ending: Ending, holder: Holder, *, go_on: bool, short: Sequence[str] = ()) -> Settled:
    """End `held` by `ending`; raise LeaseLost when another worker holds the task now.

    `short` are the types of which siblings of the next may be taken along.

    While Postgres is away this keeps trying for as long as the lease could have lasted; then the
    rescuer owns the task, and the outcome is dropped.
    """
    until = time.monotonic() + dials().lease_for
    pause = 0.1
    while True:
        try:
            settled = _settle_once(held, ending, holder, go_on=go_on, short=short)
        except (OperationalError, InterfaceError) as error:
            # The COMMIT may have happened although it raised. Nobody else writes under our fence, so a
            # closed attempt with it is ours; an open one means that we may try again.
            log.warning("settle unclear task=%s fence=%s: %s", held.task_id, held.fence, error)
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(pause)  # the database is away: there is no fact to wait for but its return
            pause = min(2.0, pause * 2)
            if (written := _asked_again(lambda: _already(held))) is not None:
                return written
            continue
        if settled.verdict == "fenced":
            # Another worker took the task after our lease ran out. Its outcome counts; ours is dropped
            # here, on purpose, and said aloud. What was charged meanwhile stays charged.
            raise LeaseLost(task_id=held.task_id, fence=held.fence)
        return settled


def settle_together(
    done: Sequence[tuple[Claim, Ending]], holder: Holder, *, go_on: bool, short: Sequence[str] = ()
) -> Settled:
    """Complete several tasks of one run by one commit; each `is_plain`. One whose lease is lost is said in the log.

    While Postgres is away each is settled by itself, as `settle` does it.
    """
    try:
        fenced, settled = transitions.settle_together(
            [(held, ending.output) for held, ending in done], holder, go_on=go_on, short=short
        )
    except (OperationalError, InterfaceError) as error:
        log.warning("settle unclear tasks=%s: %s", [held.task_id for held, _ in done], error)
        connection.close()
        settled = Settled(verdict="settled")
        fenced = [held for held, ending in done if not _settled(held, ending, holder)]
    for held in fenced:
        log.warning("outcome dropped task=%s fence=%s: its lease is lost", held.task_id, held.fence)
    return settled


def _settled(held: Claim, ending: Ending, holder: Holder) -> bool:
    """Settle it, if the commit that was cut off has not; False when its lease is lost."""
    try:
        settle(held, ending, holder, go_on=False)
    except LeaseLost:
        return bool(_already(held))
    return True


def _settle_once(held: Claim, ending: Ending, holder: Holder, *, go_on: bool, short: Sequence[str]) -> Settled:
    if not ending.then and not ending.ask and ending.move != "failed":
        return _write(held, ending, holder, go_on=go_on, short=short)
    with transaction.atomic():
        run = transitions.lock_run(held.run_id)
        hold(held)
        if ending.then and not run.cancel_requested_at:
            submit.expand(run, ending.then, by=held.task_id)
            declare(run.pk, ending.then)
        if ending.ask and not run.cancel_requested_at:
            wait = ask(run_id=run.pk, task_id=held.task_id, task_type=held.type, asked=ending.ask)
            ending = replace(ending, wait=wait)
        settled = _write(held, ending, holder, go_on=go_on, short=short)
        if settled.state == TaskState.FAILED:
            bury(task_id=held.task_id, task_type=held.type, error=ending.error or {})
        return settled


def _write(held: Claim, ending: Ending, holder: Holder, *, go_on: bool, short: Sequence[str]) -> Settled:
    return transitions.settle(
        held,
        ending.move,
        holder,
        output=ending.output,
        error=ending.error,
        wait=ending.wait,
        traceback=ending.traceback,
        again=ending.again,
        go_on=go_on,
        short=short,
    )


@requires_transaction
def hold(held: Claim) -> None:
    """Keep `held` ours until the caller commits, or raise LeaseLost.

    A lock on the task's own row: the rescuer that wants to end this execution waits for us, and
    whoever has ended it already has changed state or fence, so we find nothing.
    """
    mine = Task.objects.running().filter(pk=held.task_id, fence=held.fence)
    if not mine.select_for_update(no_key=True).values_list("id", flat=True).first():
        raise LeaseLost(task_id=held.task_id, fence=held.fence)


def _already(held: Claim) -> Settled | None:
    closed = Attempt.objects.filter(task_id=held.task_id, fence=held.fence, finished_at__isnull=False).exists()
    return Settled(verdict="settled") if closed else None


def _asked_again(question: Callable[[], T]) -> T | None:
    try:
        return question()
    except DatabaseError:
        return None
