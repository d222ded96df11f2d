"""What is stored of the feed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import EventQuerySet


class Event(models.Model):
    """Something that happened to a run. Never changed, never removed while its run is kept."""

    run = models.ForeignKey(
        "nexus.Run", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    task = models.ForeignKey(
        "nexus.Task", on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.TextField()
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, db_default={})
    at = models.DateTimeField(db_default=Now())

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = (models.UniqueConstraint(fields=("run", "seq"), name="event_seq_is_unique_in_its_run"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.seq} {self.kind}"
