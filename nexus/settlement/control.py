"""What people may do to a run: cancel, pause, resume; to a task: release it, drive it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models.functions import Now

from nexus.deadletters.models import DeadLetter
from nexus.errors import IllegalMove, NotThere
from nexus.gates.models import Approval
from nexus.gates.withdraw import withdraw
from nexus.tasks import transitions
from nexus.tasks.models import Run, Task
from nexus.tasks.states import RunState
from nexus.tasks.waking import wake
from nexus.transactions import opens_transaction, requires_transaction


def _by(actor: str, reason: str) -> dict[str, object]:
    return {name: said for name, said in (("actor", actor), ("reason", reason)) if said}


@opens_transaction
def cancel(*, run_id: int, actor: str = "", reason: str = "") -> None:
    """End a run for good: what waits is cancelled now, what runs before its next call. Raise IllegalMove."""
    run = transitions.lock_run(run_id)
    if run.state == RunState.OPEN:
        withdraw(run_id)
    transitions.request_cancel(run, data=_by(actor, reason))
    DeadLetter.objects.filter(task__run_id=run_id, raised_at__isnull=True).update(raised_at=Now())


@opens_transaction
def pause(*, run_id: int, actor: str = "", reason: str = "") -> None:
    """Hold a run at the next safe point; nothing is dropped. Raise IllegalMove."""
    transitions.pause(transitions.lock_run(run_id), data=_by(actor, reason))


@requires_transaction
def hold_run(run_id: int, *, actor: str, reason: str) -> bool:
    """As `pause`, in the caller's transaction; False where it is paused already. Raise IllegalMove."""
    run = transitions.lock_run(run_id)
    if run.paused_at:
        return False
    transitions.pause(run, data=_by(actor, reason))
    return True


@opens_transaction
def resume(*, run_id: int, actor: str = "", reason: str = "") -> None:
    """Let a paused run move again. Raise IllegalMove."""
    transitions.resume(transitions.lock_run(run_id), data=_by(actor, reason))
    wake()


@opens_transaction
def unpark(*, task_id: int, actor: str = "", note: str = "") -> None:
    """Release a task that waits for a person, but not past a gate: only its decision does that. Raise IllegalMove."""
    _, task = _locked(task_id)
    if open_one := Approval.objects.waiting().filter(task_id=task_id).first():
        raise IllegalMove(f"It waits for approval {open_one.pk}: decide it", approval=open_one.pk)
    transitions.unpark(task, data=_by(actor, note))
    wake()


@opens_transaction
def redrive(*, task_id: int, actor: str = "", reason: str = "") -> None:
    """Drive a dead task again with all its attempts; finished tasks stay finished. Raise IllegalMove."""
    drive_again(task_id, actor=actor, reason=reason)


@requires_transaction
def drive_again(
    task_id: int, *, actor: str, reason: str, said: Mapping[str, object] | None = None, after: timedelta = timedelta(0)
) -> Task:
    """As `redrive`, due `after` that long, in the caller's transaction, which holds the run's lock from here on.

    Returns the task as it was. `said` is told in the event beside who and why.
    """
    run, task = _locked(task_id)
    transitions.redrive(run, task, data={**_by(actor, reason), **(said or {})}, after=after)
    DeadLetter.objects.filter(task_id=task_id, raised_at__isnull=True).update(raised_at=Now())
    wake()
    return task


def _locked(task_id: int) -> tuple[Run, Task]:
    """The run first, then the task: the lock order of the whole engine."""
    run_id = Task.objects.filter(pk=task_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise NotThere(task_id=task_id)
    return transitions.lock_run(run_id), Task.objects.get(pk=task_id)
