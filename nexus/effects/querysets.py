"""What can be asked of effects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from nexus.tasks.states import RunState, TaskState

from .kinds import EffectState

if TYPE_CHECKING:
    from .models import Effect  # noqa: F401


class EffectQuerySet(models.QuerySet["Effect"]):
    """Questions about effects."""

    def of(self, run_id: int) -> Self:
        """Those of one run, oldest first."""
        return self.filter(run_id=run_id).order_by("id")

    def of_tenants(self, tenants: Iterable[str]) -> Self:
        """Those of the runs of these tenants."""
        return self.filter(run__tenant__in=tenants)

    def unknown(self) -> Self:
        """Those that may have happened."""
        return self.filter(state=EffectState.UNKNOWN)

    def forsaken(self) -> Self:
        """Those that may have happened and that nobody is asked about: their task is over, or dead."""
        return self.unknown().filter(task__state__in=(TaskState.COMPLETED, TaskState.CANCELLED, TaskState.FAILED))

    def known(self) -> Self:
        """Those whose end is written."""
        return self.filter(state__in=(EffectState.DONE, EffectState.FAILED))

    def open_by(self, effect_id: int, fence: int) -> Self:
        """This one, where nobody with another fence has taken it up and nobody has closed it."""
        return self.filter(pk=effect_id, fence=fence, state__in=(EffectState.INTENT, EffectState.UNKNOWN))

    def left(self) -> Self:
        """Intents of tasks that are over: nobody comes back to them."""
        over = Q(task__state__in=(TaskState.COMPLETED, TaskState.CANCELLED))
        # A dead task of an open run may be driven again, and then finds its intent itself.
        buried = Q(task__state=TaskState.FAILED) & ~Q(run__state=RunState.OPEN)
        return self.filter(over | buried, state=EffectState.INTENT)
