"""What can be asked of builds, agents and tasks. Where a build stands follows from its run and is never written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from nexus import engine

from .states import JobStatus, ProjectStatus

GOES_ON = Q(state__in=("running", "ready")) | Q(state="pending", deps_left=0)


class BuildProjectQuerySet(models.QuerySet[Any]):
    """Chainable questions about build projects."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of these tenants: what a caller may see."""
        return self.filter(tenant_id__in=projects)

    def with_status(self) -> Self:
        """Each with `.status`, a ProjectStatus: one expression over its run and its tasks, in the same query."""
        tasks = engine.tasks.filter(run_id=OuterRef("run_id"))
        return self.annotate(
            status=Case(
                When(run__state="completed", then=Value(ProjectStatus.COMPLETED.value)),
                When(run__state="failed", then=Value(ProjectStatus.FAILED.value)),
                When(run__state="cancelled", then=Value(ProjectStatus.CANCELLED.value)),
                When(run__cancel_requested_at__isnull=False, then=Value(ProjectStatus.CANCELLED.value)),
                When(Exists(tasks.filter(state="failed")), then=Value(ProjectStatus.FAILED.value)),
                When(
                    Q(pause_requested_at__isnull=False) | Q(run__paused_at__isnull=False),
                    then=Value(ProjectStatus.PAUSED.value),
                ),
                When(run__started_at__isnull=False, then=Value(ProjectStatus.BUILDING.value)),
                default=Value(ProjectStatus.QUEUED.value),
                output_field=models.CharField(),
            )
        )

    def in_status(self, *statuses: str) -> Self:
        """Those that stand there now."""
        return self.with_status().filter(status__in=statuses)


class AgentQuerySet(models.QuerySet[Any]):
    """Chainable questions about agents that were built."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of these tenants that were not deleted."""
        return self.filter(tenant_id__in=projects, deleted_at__isnull=True)


class InvocationQuerySet(models.QuerySet[Any]):
    """Chainable questions about invocations."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of agents of these tenants, deleted ones too: what happened, happened."""
        return self.filter(agent__tenant_id__in=projects)


class JobQuerySet(models.QuerySet[Any]):
    """Chainable questions about what was asked of workers."""

    def in_projects(self, projects: Iterable[int]) -> Self:
        """Those of these tenants."""
        return self.filter(tenant_id__in=projects)

    def with_status(self) -> Self:
        """Each with `.status`, a JobStatus, from its run or its task."""
        mine = engine.tasks.filter(run_id=OuterRef("run_id"), key=OuterRef("task_key"))
        any_ = engine.tasks.filter(run_id=OuterRef("run_id"))
        one, whole = ~Q(task_key=""), Q(task_key="")
        said = JobStatus
        return self.annotate(
            status=Case(
                When(one & Exists(mine.filter(state="completed")), then=Value(said.COMPLETED.value)),
                When(one & Exists(mine.filter(state="failed")), then=Value(said.FAILED.value)),
                When(one & Exists(mine.filter(state="cancelled")), then=Value(said.CANCELLED.value)),
                When(one & Exists(mine.filter(state="running")), then=Value(said.RUNNING.value)),
                When(one & Exists(mine.filter(GOES_ON)), then=Value(said.QUEUED.value)),
                When(one, then=Value(said.PENDING.value)),
                When(whole & Q(run__state__in=("completed", "failed", "cancelled")), then=F("run__state")),
                When(Exists(any_.filter(state="failed")), then=Value(said.FAILED.value)),
                When(run__started_at__isnull=False, then=Value(said.RUNNING.value)),
                default=Value(said.QUEUED.value),
                output_field=models.CharField(),
            )
        )
