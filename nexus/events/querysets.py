"""What can be asked of the feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from .models import Event  # noqa: F401


class EventQuerySet(models.QuerySet["Event"]):
    """Chainable questions; always in order of seq."""

    def of(self, run_id: int) -> Self:
        """The events of one run, oldest first, each with the key of its task: what a task was given may be large."""
        told = self.filter(run_id=run_id).select_related("task").order_by("seq")
        return told.only("run_id", "seq", "kind", "data", "at", "task__key")

    def after(self, seq: int) -> Self:
        """Those that a reader who has seen `seq` has not."""
        return self.filter(seq__gt=seq)
