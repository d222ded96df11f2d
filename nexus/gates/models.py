"""What is stored of gates, of what is asked at them, and of what people say."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import ApprovalQuerySet, DeclaredGateQuerySet
from .rules import OUTCOMES, Decision, Standing


class Approval(models.Model):
    """One thing that people have to decide, on the terms that it was asked on."""

    run = models.ForeignKey("nexus.Run", on_delete=models.CASCADE, related_name="approvals")
    task = models.ForeignKey("nexus.Task", on_delete=models.CASCADE, related_name="approvals", db_index=False)
    declared = models.BooleanField(default=False)
    """Asked before the task ran: its input is what is decided."""
    checkpoint = models.TextField(default="", blank=True)
    message = models.TextField()
    proposed: models.JSONField[Any, Any] = models.JSONField()
    """What was asked for; never changed."""
    content: models.JSONField[Any, Any] = models.JSONField()
    """What is decided now: somebody may have edited it."""
    hash = models.CharField(max_length=64)
    allows: models.JSONField[Any, Any] = models.JSONField()
    approvers: models.JSONField[Any, Any] = models.JSONField(default=list)
    cc: models.JSONField[Any, Any] = models.JSONField(default=list, db_default=[])
    """Who reads along."""
    quorum = models.IntegerField(default=1)
    votes = models.IntegerField(default=0)
    """Approvals of the present content."""
    requester = models.TextField(default="", blank=True)
    four_eyes = models.BooleanField(default=False)
    on_timeout = models.TextField(default="stay")
    on_reject = models.TextField(default="end_run")
    asked_at = models.DateTimeField(db_default=Now())
    remind_every = models.FloatField(null=True)
    remind_at = models.DateTimeField(null=True)
    reminders = models.IntegerField(default=0)
    escalate_to: models.JSONField[Any, Any] = models.JSONField(default=list)
    escalate_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)
    """When time was up and somebody wrote so."""
    outcome = models.TextField(null=True, choices=[(outcome, outcome) for outcome in OUTCOMES])
    """None while it waits."""
    decided_by = models.TextField(default="", blank=True)
    """Empty where time decided, or its run ended."""
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        permissions = (("decide_approval", "Can decide approvals"),)
        indexes = (
            models.Index(fields=["task", "-id"], name="approval_of_task"),
            models.Index(fields=["id"], condition=Q(outcome__isnull=True), name="approval_waiting"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("task",), condition=Q(outcome__isnull=True), name="task_waits_for_one_approval"
            ),
            models.CheckConstraint(
                condition=Q(outcome__isnull=True, decided_at__isnull=True)
                | Q(outcome__isnull=False, decided_at__isnull=False),
                name="approval_is_decided_when_it_has_an_outcome",
            ),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="approval_needs_somebody"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.pk}: {self.outcome or 'waits'}"

    def standing(self) -> Standing:
        """Who may decide what now."""
        return Standing(
            allows=tuple(self.allows),
            approvers=tuple(self.approvers),
            requester=self.requester,
            four_eyes=self.four_eyes,
        )

    def decision(self) -> Decision:
        """What was decided. It is."""
        return Decision(
            outcome=self.outcome,  # type: ignore[arg-type]  # one of OUTCOMES
            content=self.content,
            reason=self.reason,
            by=self.decided_by,
            approval_id=self.pk,
        )


class Vote(models.Model):
    """What one person said to an approval, for the content that they saw."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="said", db_index=False)
    actor = models.TextField(blank=True)
    """Empty: time did."""
    word = models.TextField()
    reason = models.TextField(default="", blank=True)
    hash = models.CharField(max_length=64)
    """Of the content that it is about: with an edit, of what it was edited to."""
    content: models.JSONField[Any, Any] = models.JSONField(null=True)
    """With an edit, what it was edited to."""
    channel = models.TextField(default="", blank=True)
    decides = models.BooleanField(default=False)
    """With this word it was decided."""
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = (
            models.UniqueConstraint(fields=("approval", "actor", "hash"), name="vote_is_one_per_person_and_content"),
            models.UniqueConstraint(
                fields=("approval",), condition=Q(decides=True), name="approval_is_decided_by_one_word"
            ),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.actor or 'time'}: {self.word}"


class DeclaredGate(models.Model):
    """A gate that a task was written with: it opens once, when the task waits for nothing else."""

    task = models.OneToOneField("nexus.Task", on_delete=models.CASCADE, primary_key=True, related_name="gate")
    terms: models.JSONField[Any, Any] = models.JSONField()
    opened_at = models.DateTimeField(null=True)

    objects = DeclaredGateQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["task"], condition=Q(opened_at__isnull=True), name="gate_to_open"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.task_id}"
