"""What can be asked of approvals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from nexus.tasks.states import TaskState

if TYPE_CHECKING:
    from .models import Approval, DeclaredGate  # noqa: F401


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Questions about approvals."""

    def of_tenants(self, tenants: Iterable[str]) -> Self:
        """Those of the runs of these tenants."""
        return self.filter(run__tenant__in=tenants)

    def waiting(self) -> Self:
        """Those that nobody has decided."""
        return self.filter(outcome__isnull=True)

    def decided(self) -> Self:
        """Those that are closed."""
        return self.filter(outcome__isnull=False)

    def on(self, task_id: int) -> Self:
        """Those of one task, newest first."""
        return self.filter(task_id=task_id).order_by("-id")

    def for_person(self, name: str) -> Self:
        """Waiting ones that `name` may decide and has not voted for as they are now."""
        from .models import Vote

        voted = Vote.objects.filter(approval=OuterRef("pk"), actor=name, hash=OuterRef("hash"))
        return self.waiting().filter(
            Q(approvers=[]) | Q(approvers__contains=[name]), ~Q(four_eyes=True, requester=name), ~Exists(voted)
        )

    def decidable(self) -> Self:
        """Those that a person may still decide: time has not decided, though nobody may have written so yet."""
        return self.waiting().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()) | Q(on_timeout="stay"))

    def to_remind(self) -> Self:
        """Waiting ones whose reminder is due."""
        return self.waiting().filter(remind_at__lte=Now())

    def to_escalate(self) -> Self:
        """Waiting ones that were to be decided by others by now."""
        return self.waiting().filter(escalate_at__lte=Now(), escalated_at__isnull=True)

    def to_expire(self) -> Self:
        """Waiting ones whose time is over, and nobody has said so."""
        return self.waiting().filter(expires_at__lte=Now(), expired_at__isnull=True)

    def forsaken(self) -> Self:
        """Waiting ones whose task does not wait for them any more."""
        return self.waiting().exclude(task__state=TaskState.WAITING_APPROVAL)


class DeclaredGateQuerySet(models.QuerySet["DeclaredGate"]):
    """Questions about gates that tasks were written with."""

    def to_open(self) -> Self:
        """Those whose task waits for nothing else."""
        return self.filter(
            opened_at__isnull=True,
            task__state=TaskState.PENDING,
            task__deps_left=0,
            task__run__cancel_requested_at__isnull=True,
        )
