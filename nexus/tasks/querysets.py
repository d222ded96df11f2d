"""What can be asked of runs and tasks. Every order is total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now

from .states import FINAL, RunState, TaskState

if TYPE_CHECKING:
    from .models import Run, Task  # noqa: F401


class RunQuerySet(models.QuerySet["Run"]):
    """Questions about runs."""

    def open(self) -> Self:
        """Those that are not closed."""
        return self.filter(state=RunState.OPEN)

    def moving(self) -> Self:
        """Those whose tasks may be claimed."""
        return self.open().filter(paused_at__isnull=True, cancel_requested_at__isnull=True)


class TaskQuerySet(models.QuerySet["Task"]):
    """Questions about tasks."""

    def of(self, run_id: int) -> Self:
        """The tasks of one run in the order they were written."""
        return self.filter(run_id=run_id).order_by("id")

    def on(self, queue: str) -> Self:
        """Those of one queue."""
        return self.filter(queue=queue)

    def ready(self) -> Self:
        """Those a worker may claim."""
        return self.filter(state=TaskState.READY)

    def running(self) -> Self:
        """Those a worker holds."""
        return self.filter(state=TaskState.RUNNING)

    def unfinished(self) -> Self:
        """Those that are not final."""
        return self.exclude(state__in=FINAL)

    def due_to_be_ready(self) -> Self:
        """PENDING with all parents done, whose time has come."""
        return self.filter(state=TaskState.PENDING, deps_left=0, not_before__lte=Now())

    def waiting(self) -> Self:
        """Those that wait for a person."""
        return self.filter(state__in=[TaskState.WAITING_APPROVAL, TaskState.FAILED])

    def parked_for(self, code: str) -> Self:
        """Those that wait for a person for this reason: what their `wait` says."""
        return self.filter(state=TaskState.WAITING_APPROVAL, wait__code=code)

    def in_turn(self) -> Self:
        """Higher priority first, then older, then by id: tie-free."""
        return self.order_by("-priority", "id")
