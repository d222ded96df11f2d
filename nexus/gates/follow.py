"""What becomes of the task, and of its run, when its approval is decided. In the transaction that decides."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from nexus.deadletters.models import DeadLetter
from nexus.tasks import transitions
from nexus.tasks.models import Run, Task
from nexus.tasks.states import TaskState
from nexus.tasks.waking import wake
from nexus.transactions import requires_transaction

from .models import Approval
from .withdraw import withdraw


@requires_transaction
def follow(run: Run, approval: Approval) -> None:
    """Let the task go on, or end it as the gate says. The run is locked; `approval` is as it was decided."""
    task = Task.objects.get(pk=approval.task_id)
    said = _said(approval)
    if approval.outcome == "rejected" and approval.on_reject == "end_run":
        withdraw(run.pk)
        transitions.request_cancel(run, data=said)
        DeadLetter.objects.filter(task__run_id=run.pk, raised_at__isnull=True).update(raised_at=Now())
    elif approval.outcome == "rejected" and approval.on_reject == "end_task":
        transitions.end_waiting(run, task, data=said)
    else:
        if approval.declared and approval.outcome == "edited":
            # An edit replaces what was asked: the task never sees the other input.
            Task.objects.filter(pk=task.pk, state=TaskState.WAITING_APPROVAL).update(input=approval.content)
        transitions.unpark(task, data=said)
        wake()


def _said(approval: Approval) -> dict[str, Any]:
    facts = {"actor": approval.decided_by, "reason": approval.reason, "approval": approval.pk}
    return {name: fact for name, fact in facts.items() if fact}
