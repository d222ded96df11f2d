"""Close approvals that nobody has to decide any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.tasks import transitions
from nexus.tasks.states import RunState
from nexus.transactions import requires_transaction

from .models import Approval

BATCH = 200


@requires_transaction
def withdraw(run_id: int) -> int:
    """Close every open approval of a run that is ending; return how many. The run is locked, and open."""
    return _close(run_id, list(Approval.objects.waiting().filter(run_id=run_id).values_list("id", flat=True)))


def withdraw_forsaken() -> int:
    """Close approvals whose tasks went on without them; return how many.

    A death that ends its run cancels its parked tasks in one statement, which knows of no approvals.
    """
    closed = 0
    for approval_id, run_id in Approval.objects.forsaken().order_by("id").values_list("id", "run_id")[:BATCH]:
        with transaction.atomic():
            run = transitions.lock_run(run_id)
            still = list(Approval.objects.forsaken().filter(pk=approval_id).values_list("id", flat=True))
            closed += _close(run_id, still, told=run.state == RunState.OPEN)
    return closed


def _close(run_id: int, approval_ids: list[int], *, told: bool = True) -> int:
    closed = Approval.objects.waiting().filter(pk__in=approval_ids).update(outcome="withdrawn", decided_at=Now())
    if closed and told:  # nothing is said in a run that has ended
        append(
            run_id,
            *(Said(kind=kinds.APPROVAL_WITHDRAWN, data={"approval": approval_id}) for approval_id in approval_ids),
        )
    return closed
