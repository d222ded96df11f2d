"""What is stored of the story. Money and tasks live elsewhere; an order knows its run."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .audit.models import AuditEntry
from .inlets.models import Arrival, Inlet
from .querysets import WorkOrderQuerySet
from .schedules.models import Firing, Schedule
from .states import ReviewOutcome

__all__ = [
    "Arrival", "AuditEntry", "DailySerial", "Deliverable", "Firing", "Inlet", "Project", "Schedule", "WorkOrder",
]  # fmt: skip


class Project(models.Model):
    """Whose orders these are. Members and keys hang on it; the engine calls it the tenant."""

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")

    def __str__(self) -> str:
        """For the admin."""
        return self.name


class WorkOrder(models.Model):
    """A request and what triage made of it. Its status is derived: see querysets.with_status."""

    public_id = models.CharField(max_length=32, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="orders")
    run = models.OneToOneField("nexus.Run", on_delete=models.PROTECT, related_name="order")
    message = models.TextField()
    brief = models.TextField(blank=True, default="")
    intent = models.CharField(max_length=32, blank=True, default="")
    difficulty = models.CharField(max_length=16, blank=True, default="")
    owner_role = models.CharField(max_length=32, blank=True, default="")
    channel = models.CharField(max_length=16, default="api")
    requester = models.CharField(max_length=200, blank=True, default="")
    #: Which of its requester's conversations it is part of: the name that their client gave it.
    conversation = models.CharField(max_length=128, blank=True, default="", db_default="")
    #: What came with the request: [{"name", "content"}].
    files: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: Photos, voice notes and documents that came with it, by their ids.
    attachments: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: Names of files that the request speaks of, found at triage.
    relevant_files: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: What the requester demands: lines, or checks as docs/reference/checks.md has them.
    acceptance: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: What triage adds to it, in the request's language.
    requirements: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    budget_usd = models.DecimalField(max_digits=18, decimal_places=9, null=True, blank=True)
    #: The quote's p90 becomes its budget, unless that is lower.
    cap_at_quote = models.BooleanField(default=False, db_default=False)
    #: What it was expected to cost when its plan was drawn up: quoting.Quote.
    quote: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    #: What its agents may use beside what their roles do: names of tools, or beginnings with a star.
    tools: models.JSONField[Any, Any] = models.JSONField(default=list, db_default=[], blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    workflow = models.CharField(max_length=100, blank=True, default="")
    #: Asked back while the request is unclear; kept after it was answered.
    question = models.TextField(blank=True, default="")
    #: What review came to, and after how many drafts.
    review_outcome = models.CharField(
        max_length=16,
        blank=True,
        default="",
        db_default="",
        choices=[(one.value, one.value) for one in ReviewOutcome if one],
    )
    drafts = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        indexes = (
            models.Index(fields=("project", "-created_at", "-id"), name="orders_of_a_project_by_age"),
            models.Index(
                fields=("project", "conversation", "-id"), condition=~models.Q(conversation=""),
                name="orders_of_a_conversation",
            ),
            models.Index(
                fields=("owner_role", "difficulty", "-id"), condition=~models.Q(owner_role=""),
                name="orders_that_are_alike",
            ),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(
                condition=models.Q(budget_usd__isnull=True) | models.Q(budget_usd__gt=0),
                name="an_orders_budget_is_positive",
            ),
            models.CheckConstraint(condition=models.Q(priority__lte=10), name="an_orders_priority_is_0_to_10"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return self.public_id


class Deliverable(models.Model):
    """What came of an order."""

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="deliverables")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100, default="text/markdown; charset=utf-8")
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        constraints = (
            models.UniqueConstraint(fields=("order", "name"), name="an_orders_deliverables_have_different_names"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return self.name


class DailySerial(models.Model):
    """The last number given to an order on a day. Written by sql/10_numbers.sql alone."""

    day = models.DateField(primary_key=True)
    last = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.day} {self.last}"
