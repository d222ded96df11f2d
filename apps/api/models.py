"""What is stored so that a request sent twice is carried out once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class IdempotencyKey(models.Model):
    """A key that was used, and the answer that was given for it. Written with what it answers for."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.CharField(max_length=200)
    """Method and path, and the project that the caller's API key is bound to."""
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    """SHA-256 of the request's body: another body under the same key is a mistake of the client."""
    status = models.PositiveSmallIntegerField()
    body: models.JSONField[Any, Any] = models.JSONField()
    location = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "endpoint", "key"), name="idempotency_key_answers_once"),
        )
        indexes = (models.Index(fields=("created_at",), name="idempotency_keys_by_age"),)

    def __str__(self) -> str:
        """For people who look."""
        return f"{self.endpoint} {self.key}"
