"""What can be asked of work orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When

from agents.models import Role
from nexus import engine

from .errors import OrderGone
from .states import OrderState

if TYPE_CHECKING:
    from .models import WorkOrder


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    """Chainable questions. Every order is total."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of these projects: what a caller may see."""
        return self.filter(project_id__in=projects)

    def recent(self) -> Self:
        """Newest first."""
        return self.order_by("-created_at", "-id")

    def named(self, public_id: str) -> Self:
        """The one with this public id, if there is one."""
        return self.filter(public_id=public_id)

    def with_status(self) -> Self:
        """Each with `.status`, an OrderState: one expression over its run and its tasks, in the same query."""
        return self.annotate(status=_status())

    def in_status(self, *states: OrderState) -> Self:
        """Those that stand there now."""
        return self.with_status().filter(status__in=[state.value for state in states])

    def with_tools_of(self, role: str) -> Self:
        """Each with `.role_tools`, what agents of this role may use anywhere, in the same query."""
        return self.annotate(role_tools=Subquery(Role.objects.filter(name=role).values("tools")[:1]))

    def of_run(self, run_id: int) -> WorkOrder:
        """The order that this run carries out, with its project; raise OrderGone."""
        order = self.filter(run_id=run_id).select_related("project").first()
        if order is None:
            raise OrderGone(run_id=run_id)
        return order


def _status() -> Case:
    tasks = engine.tasks.filter(run_id=OuterRef("run_id"))
    needs_a_person = tasks.filter(state__in=("waiting_approval", "failed"))
    # What runs, may run, or waits for nothing but a time goes on by itself.
    moves = tasks.filter(Q(state__in=("running", "ready")) | Q(state="pending", deps_left=0))
    return Case(
        When(run__state__in=("completed", "failed", "cancelled"), then=F("run__state")),
        When(run__paused_at__isnull=False, then=Value(OrderState.PAUSED.value)),
        When(Exists(needs_a_person) & ~Exists(moves), then=Value(OrderState.BLOCKED.value)),
        When(run__started_at__isnull=True, then=Value(OrderState.QUEUED.value)),
        default=Value(OrderState.IN_PROGRESS.value),
        output_field=models.CharField(),
    )
