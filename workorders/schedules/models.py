"""What is stored of schedules."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Schedule(models.Model):
    """An order that is filed again and again."""

    class Missed(models.TextChoices):
        """What becomes of ticks that nobody was there for."""

        ONCE = "once", _("one order for all that were missed")
        EVERY = "every", _("an order for each of them")
        NONE = "none", _("no order")

    public_id = models.CharField(max_length=42, unique=True)
    project = models.ForeignKey(
        "workorders.Project", on_delete=models.CASCADE, related_name="+", verbose_name=_("project")
    )
    name = models.CharField(_("name"), max_length=120)
    cron = models.CharField(_("cron expression"), max_length=200)
    zone = models.CharField(_("zone"), max_length=64, default="UTC")
    #: The order that is filed: workorders/templates.py.
    template: models.JSONField[Any, Any] = models.JSONField(_("order"))
    missed = models.CharField(_("missed ticks"), max_length=5, choices=Missed, default=Missed.ONCE)
    is_on = models.BooleanField(_("switched on"), default=True)
    next_at = models.DateTimeField(_("next"))
    created_by = models.CharField(_("created by"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        indexes = (models.Index(fields=("next_at",), condition=models.Q(is_on=True), name="schedules_that_come_due"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.name


class Firing(models.Model):
    """One tick, and what came of it."""

    class Outcome(models.TextChoices):
        """What came of it."""

        FILED = "filed", _("filed")
        REFUSED = "refused", _("refused")
        SKIPPED = "skipped", _("skipped: nobody was there in time")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="firings", verbose_name=_("schedule"))
    due_at = models.DateTimeField(_("due"))
    fired_at = models.DateTimeField(_("fired"), db_default=Now())
    outcome = models.CharField(_("outcome"), max_length=7, choices=Outcome)
    order = models.CharField(_("order"), max_length=32, blank=True, default="")
    why = models.CharField(_("why"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("tick")
        verbose_name_plural = _("ticks")
        constraints = (models.UniqueConstraint(fields=("schedule", "due_at"), name="a_tick_fires_once"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.due_at:%Y-%m-%d %H:%M} {self.outcome}"
