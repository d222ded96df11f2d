"""What is stored of effects. State is written by ledger.py alone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .kinds import KINDS, EffectState
from .querysets import EffectQuerySet


class Effect(models.Model):
    """One act of one task on the world outside."""

    run = models.ForeignKey("nexus.Run", on_delete=models.CASCADE, related_name="effects")
    task = models.ForeignKey("nexus.Task", on_delete=models.CASCADE, related_name="effects", db_index=False)
    key = models.TextField()
    """What its task knows it by: the id of a tool call."""
    kind = models.TextField(choices=[(kind, kind) for kind in KINDS])
    name = models.TextField()
    """What is done: the name of a tool."""
    request: models.JSONField[Any, Any] = models.JSONField()
    request_hash = models.CharField(max_length=64)
    outside_key = models.UUIDField(default=uuid4, editable=False)
    """Sent with every try, so that the outside can tell a second one."""
    state = models.TextField(choices=[(state.value, state.value) for state in EffectState], default=EffectState.INTENT)
    tries = models.IntegerField(default=1)
    fence = models.BigIntegerField()
    """Of the execution that took it up last."""
    approval_id = models.BigIntegerField(null=True)
    """The decision that was honoured last; it counts for nothing more."""
    response: models.JSONField[Any, Any] = models.JSONField(null=True)
    error: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Why it did not happen, or what was raised when it became unknown: {code, message, again, detail}."""
    created_at = models.DateTimeField(db_default=Now())
    taken_at = models.DateTimeField(db_default=Now())
    """When the last try was begun."""
    finished_at = models.DateTimeField(null=True)

    objects = EffectQuerySet.as_manager()

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        constraints = (
            models.UniqueConstraint(fields=("task", "key"), name="effect_is_one_per_task_and_key"),
            models.CheckConstraint(
                condition=Q(state=EffectState.DONE, response__isnull=False)
                | (~Q(state=EffectState.DONE) & Q(response__isnull=True)),
                name="effect_has_a_response_when_it_is_done",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(EffectState.DONE, EffectState.FAILED), finished_at__isnull=False)
                | Q(state__in=(EffectState.INTENT, EffectState.UNKNOWN), finished_at__isnull=True),
                name="effect_is_finished_when_its_end_is_known",
            ),
        )
        indexes = (
            models.Index(fields=["id"], condition=Q(state=EffectState.INTENT), name="effect_intended"),
            models.Index(fields=["id"], condition=Q(state=EffectState.UNKNOWN), name="effect_unknown"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.name} ({self.state})"
