"""Remind, escalate, expire: what the clock does to approvals. Done by every dispatcher, with the database's clock.

Several dispatchers read the same rows. Each locks the run, and its guarded UPDATE finds the row due, or, when
another was first, not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.tasks import transitions
from nexus.tasks.models import Run
from nexus.tasks.states import TaskState
from nexus.transactions import requires_transaction

from .follow import follow
from .models import Approval, Vote

BATCH = 200
TOO_LATE = "No decision came in time"


def remind_once() -> int:
    """Say once more what waits; return how many."""
    return _each(Approval.objects.to_remind(), _remind)


def escalate_once() -> int:
    """Let others decide too; return how many."""
    return _each(Approval.objects.to_escalate(), _escalate)


def expire_once() -> int:
    """Decide by time what is to be decided by time; return how many ran out."""
    return _each(Approval.objects.to_expire(), expire)


def _each(due: QuerySet[Approval], act: Callable[[Run, Approval], bool]) -> int:
    done = 0
    for approval_id, run_id in due.order_by("id").values_list("id", "run_id")[:BATCH]:
        with transaction.atomic():
            run = transitions.lock_run(run_id)
            done += act(run, Approval.objects.select_related("task").get(pk=approval_id))
    return done


@requires_transaction
def _remind(run: Run, approval: Approval) -> bool:
    every = timedelta(seconds=approval.remind_every or 0)
    # From now, not from when it was due: a dispatcher that was away must not send a week's reminders at once.
    due = Approval.objects.to_remind().filter(pk=approval.pk)
    if not due.update(remind_at=Now() + every, reminders=F("reminders") + 1):
        return False
    _say(approval, kinds.APPROVAL_REMINDED, reminders=approval.reminders + 1, approvers=approval.approvers)
    return True


@requires_transaction
def _escalate(run: Run, approval: Approval) -> bool:
    # Where whoever may change the run may decide, nobody is shut out by naming some: they are only told.
    named = approval.approvers and list(dict.fromkeys([*approval.approvers, *approval.escalate_to]))
    if not Approval.objects.to_escalate().filter(pk=approval.pk).update(escalated_at=Now(), approvers=named):
        return False
    _say(approval, kinds.APPROVAL_ESCALATED, to=approval.escalate_to)
    return True


@requires_transaction
def expire(run: Run, approval: Approval) -> bool:
    """Write that time is over, and what it decides; False when it is not, or somebody wrote so. The run is locked."""
    if approval.task.state != TaskState.WAITING_APPROVAL:
        return False  # forsaken: it is withdrawn
    due = Approval.objects.to_expire().filter(pk=approval.pk)
    outcome = {"approve": "approved", "reject": "rejected"}.get(approval.on_timeout)
    changes: dict[str, Any] = {"expired_at": Now()}
    if outcome is not None:
        changes |= {"outcome": outcome, "decided_at": Now(), "reason": TOO_LATE}
    if not due.update(**changes):
        return False
    _say(approval, kinds.APPROVAL_EXPIRED, default=approval.on_timeout)
    if outcome is not None:
        Vote.objects.create(
            approval=approval, actor="", word=approval.on_timeout, reason=TOO_LATE, hash=approval.hash, decides=True
        )
        approval.refresh_from_db()
        follow(run, approval)
    return True


def _say(approval: Approval, kind: str, **facts: Any) -> None:
    data = {"approval": approval.pk, **facts}
    append(approval.run_id, Said(kind=kind, task_id=approval.task_id, data=data))
