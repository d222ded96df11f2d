"""What is stored of requests for an answer. How each stands is read from its run; nothing of that is written twice."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Completion(models.Model):
    """One request for one answer, whichever way it was asked."""

    class Shape(models.TextChoices):
        """How it was asked, and how it is shown."""

        CHAT = "chat", "chat"
        RESPONSE = "response", "response"
        TICKET = "ticket", "ticket"

    public_id = models.CharField(max_length=64, unique=True)
    shape = models.CharField(max_length=8, choices=Shape)
    project = models.CharField(max_length=128)
    requester = models.CharField(max_length=200, blank=True, default="")
    model = models.CharField(max_length=200, help_text=_("As it was asked for."))
    run_id = models.BigIntegerField(null=True, help_text=_("The run that answers it."))
    #: What is asked, as reading.Question has it; and what of the request is shown again.
    asked: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    shown: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    previous = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", help_text=_("What it goes on from.")
    )
    #: Of a ticket: what was said in its conversation, which is a session.
    message = models.OneToOneField("agents.Message", on_delete=models.CASCADE, null=True, related_name="ticket")
    #: Of a workflow: the work order that was filed.
    order_ref = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        ordering = ("id",)
        indexes = (models.Index(fields=("project", "-id"), name="completions_of_a_project"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(shape__in=("chat", "response", "ticket")), name="a_completion_has_a_shape"
            ),
        )

    def __str__(self) -> str:
        """For the admin."""
        return self.public_id
