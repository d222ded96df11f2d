"""What is stored of a canvas."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now


class Canvas(models.Model):
    """A chain, a chord or a single doorbell that was laid for a run."""

    run = models.ForeignKey("nexus.Run", on_delete=models.CASCADE, related_name="canvases", db_constraint=False)
    kind = models.TextField()
    shape: models.JSONField[Any, Any] = models.JSONField()
    """{"rings": [{task, key, queue, id}], "body": {…} | null, "carries": [keys]}; id is the Celery message's."""
    rung_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.kind} of run {self.run_id}"
