"""What is stored of the audit log. Ids and names, no foreign keys: an entry outlives what it is about."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import AuditQuerySet


class AuditEntry(models.Model):
    """Somebody did something. Never changed, never removed; a trigger refuses both."""

    class Status(models.TextChoices):
        """How it went."""

        SUCCESS = "success", _("success")
        FAILURE = "failure", _("failure")
        WARNING = "warning", _("warning")
        INFO = "info", _("info")

    at = models.DateTimeField(db_default=Now())
    #: A user's name, a role's, or the part of the machinery that acted: dispatcher, worker, doctor.
    actor = models.CharField(max_length=200)
    channel = models.CharField(max_length=32, blank=True, default="", db_default="")
    action = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status)
    #: The number of the project as text; empty for what concerns the whole installation.
    project = models.CharField(max_length=128, blank=True, default="", db_default="")
    order = models.CharField(max_length=128, blank=True, default="", db_default="", db_column="order_ref")
    session = models.CharField(max_length=128, blank=True, default="", db_default="")
    details: models.JSONField[Any, Any] = models.JSONField(default=dict, db_default={})

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = (
            models.Index(fields=("project", "-id"), name="audit_of_a_project_by_age"),
            models.Index(fields=("order", "-id"), condition=~Q(order=""), name="audit_of_an_order_by_age"),
            models.Index(fields=("action", "-id"), name="audit_by_action"),
            models.Index(fields=("actor", "-id"), name="audit_by_actor"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.actor} {self.action} {self.order}".rstrip()
