"""What is stored of a dispatcher."""

from __future__ import annotations

from django.db import models


class Dispatcher(models.Model):
    """A dispatcher's sign of life. Written by itself every few seconds; told to people by `doctor`."""

    name = models.TextField(unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        """For the admin."""
        return self.name
