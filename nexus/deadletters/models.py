"""What is stored of a dead letter."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class DeadLetter(models.Model):
    """A task that ran out of attempts. Published to `nexus.dead` by the dispatcher after the commit."""

    task = models.ForeignKey("nexus.Task", on_delete=models.CASCADE, related_name="dead_letters")
    fingerprint = models.CharField(max_length=64, db_index=True)
    error: models.JSONField[Any, Any] = models.JSONField(default=dict)
    buried_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    """When a person drove the task again, or cancelled it."""

    class Meta:
        verbose_name = _("dead letter")
        verbose_name_plural = _("dead letters")
        indexes = (models.Index(fields=["id"], condition=Q(published_at__isnull=True), name="dead_letter_to_publish"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.task_id}: {self.error.get('code', '')}"
