"""What is stored of conversations. Runs and projects are plain numbers here, as in calls."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Session(models.Model):
    """A conversation with one agent. It answers one message at a time: `turn` says which."""

    class Status(models.TextChoices):
        """Whether something may be said."""

        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("expired")

    class Busy(models.TextChoices):
        """What becomes of a message while another is being answered."""

        QUEUE = "queue", _("wait for its turn")
        INTERRUPT = "interrupt", _("interrupt the answer")
        REJECT = "reject", _("be refused")

    public_id = models.CharField(max_length=41, unique=True)
    project = models.CharField(max_length=128)
    agent = models.CharField(max_length=64, blank=True, default="", db_default="", help_text=_("Who answers."))
    role = models.CharField(max_length=32, help_text=_("The role that they work in."))
    title = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    busy = models.CharField(max_length=9, choices=Busy, blank=True, default="", help_text=_("Empty: the setting."))
    turn = models.CharField(max_length=26, blank=True, default="", help_text=_("The message that is being answered."))
    starter = models.CharField(max_length=200, blank=True, default="", help_text=_("Who began it."))
    message_count = models.PositiveIntegerField(default=0)
    last_id = models.CharField(max_length=26, blank=True, default="", help_text=_("The newest message."))
    summary = models.TextField(blank=True, default="", help_text=_("Of what was said long ago."))
    summary_to = models.BigIntegerField(default=0, help_text=_("How far it goes."))
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    last_active_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("id",)
        indexes = (
            models.Index(fields=("project", "-id"), name="sessions_of_a_project_by_age"),
            models.Index(fields=("last_active_at",), condition=Q(status="active"), name="active_sessions_by_use"),
            models.Index(fields=("role", "-last_active_at"), name="sessions_of_an_agent_by_use"),
            models.Index(fields=("starter", "-last_active_at"), name="sessions_of_a_person_by_use"),
            models.Index(fields=("id",), condition=~Q(turn=""), name="sessions_that_answer"),
        )

    def __str__(self) -> str:
        """Name the session."""
        return self.public_id


class Message(models.Model):
    """Something that was said in a session."""

    class Status(models.TextChoices):
        """What became of a message; of what an agent or a program said, only SAID."""

        SAID = "said", _("said")
        QUEUED = "queued", _("waits for its turn")
        WORKING = "working", _("is being answered")
        ANSWERED = "answered", _("answered")
        INTERRUPTED = "interrupted", _("interrupted")
        FAILED = "failed", _("not answered")

    public_id = models.CharField(max_length=26, unique=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=9)
    content = models.TextField(blank=True)
    #: What else was said, as blocks; of files the id: {"kind": "attachment", "id": "att-…"}.
    blocks: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=11, choices=Status, default=Status.SAID)
    run_id = models.BigIntegerField(null=True, help_text=_("The run that answers it."))
    answers = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="answer", help_text=_("The message that it answers.")
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=("user", "assistant", "system")), name="a_message_has_a_speaker"
            ),
        )
        indexes = (
            models.Index(
                fields=("session", "id"), condition=Q(status__in=("queued", "working")), name="messages_that_wait"
            ),
        )

    def __str__(self) -> str:
        """Name the message and who said it."""
        return f"{self.role} {self.public_id}"
