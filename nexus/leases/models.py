"""What is stored of a lease."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """`holder` holds `task` under `fence` until the database clock passes `expires_at`."""

    task = models.OneToOneField(
        "nexus.Task", on_delete=models.CASCADE, primary_key=True, related_name="lease", db_constraint=False
    )
    fence = models.BigIntegerField()
    holder = models.TextField()
    delivery = models.TextField(default="")
    """The Celery message it came with: names the leases of a pool child that died."""
    expires_at = models.DateTimeField()
    """Not indexed: there are as many leases as tasks that run, and every claim would pay for it."""

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.task_id} by {self.holder}"
