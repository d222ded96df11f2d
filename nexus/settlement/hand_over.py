"""Give what is not done yet to somebody else: the inputs of tasks that nobody has begun, and of those that died."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nexus.errors import IllegalMove
from nexus.gates.models import Approval
from nexus.tasks import transitions
from nexus.tasks.models import Task
from nexus.tasks.states import RunState, TaskState
from nexus.transactions import requires_transaction

from .control import drive_again


@requires_transaction
def hand_over(run_id: int, *, of: Mapping[str, Any], input: Mapping[str, Any], actor: str, reason: str) -> int:
    """Lay `input` over the input of every task that has `of` in its own; return how many. Raise IllegalMove.

    Those that wait to be begun are changed; dead ones are driven again with it. What runs, and what people are asked
    about as it is, stays. The run is locked from here to the commit, so that nothing of it begins meanwhile unseen:
    a task that a worker claims before that has the old input, and keeps it.
    """
    run = transitions.lock_run(run_id)
    if run.state != RunState.OPEN or run.cancel_requested_at:
        raise IllegalMove("The run has ended; nothing of it is handed over", state=run.state)
    theirs = Task.objects.of(run_id).filter(input__contains=dict(of))
    asked = Approval.objects.waiting().filter(run_id=run_id).values("task_id")
    changed = 0
    for task in theirs.filter(state__in=(TaskState.PENDING, TaskState.READY)).exclude(pk__in=asked):
        unbegun = Task.objects.filter(pk=task.pk, state__in=(TaskState.PENDING, TaskState.READY))
        changed += unbegun.update(input={**task.input, **input})
    for task in theirs.filter(state=TaskState.FAILED):
        drive_again(task.pk, actor=actor, reason=reason)
        changed += Task.objects.filter(pk=task.pk).update(input={**task.input, **input})
    return changed
