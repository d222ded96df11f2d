"""What is stored of productions. Tasks, approvals and money live in the engine; a film knows its work order."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from workorders.triggers.mapping import Priority, Rule

from .querysets import FilmQuerySet
from .tasks import BY_NAME

QUALITIES = ("high", "balanced", "fast")


class Film(models.Model):
    """A film project: one work order, from its first event to its last."""

    order = models.OneToOneField("workorders.WorkOrder", on_delete=models.PROTECT, related_name="film")
    project = models.ForeignKey("workorders.Project", on_delete=models.PROTECT, related_name="films")
    name = models.CharField(max_length=50)
    """Events name it by this: their project_id."""
    title = models.CharField(max_length=200)
    brief = models.TextField(blank=True, default="")
    duration_seconds = models.PositiveSmallIntegerField(default=6)
    shots_wanted = models.PositiveSmallIntegerField(default=2)
    quality = models.CharField(max_length=8, default="balanced", choices=[(one, one) for one in QUALITIES])
    strategy = models.CharField(max_length=8, default="balanced", choices=[(one, one) for one in QUALITIES])
    """What it works with now: `quality`, or a lower one since the budget is nearly used."""
    user_options: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    script = models.TextField(blank=True, default="")
    prompts: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    """What pictures are asked with, by shot. Whoever changes it has the lock of the prompts."""
    dna_bank: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    """What characters look like, as it was measured. Whoever changes it has the lock of the bank."""
    finalized_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = FilmQuerySet.as_manager()

    class Meta:
        verbose_name = _("film")
        verbose_name_plural = _("films")
        constraints = (models.UniqueConstraint(fields=("project", "name"), name="a_project_has_a_film_name_once"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.name


class Shot(models.Model):
    """One shot of a film, and the files of it that are good so far."""

    film = models.ForeignKey(Film, on_delete=models.CASCADE, related_name="shots")
    shot_id = models.CharField(max_length=32)
    place = models.PositiveSmallIntegerField()
    spec: models.JSONField[Any, Any] = models.JSONField(default=dict)
    keyframe = models.CharField(max_length=200, blank=True, default="")
    preview = models.CharField(max_length=200, blank=True, default="")
    final = models.CharField(max_length=200, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    """How often its pictures did not pass."""

    class Meta:
        verbose_name = _("shot")
        verbose_name_plural = _("shots")
        ordering = ("place", "id")
        constraints = (models.UniqueConstraint(fields=("film", "shot_id"), name="a_film_has_a_shot_once"),)

    def __str__(self) -> str:
        """For the admin."""
        return self.shot_id


class FilmEvent(models.Model):
    """What happened to a film, once. Its tasks were written in the transaction that wrote this row."""

    film = models.ForeignKey(Film, on_delete=models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=64)
    type = models.CharField(max_length=64)
    actor = models.CharField(max_length=200)
    causation_id = models.CharField(max_length=64, blank=True, default="")
    happened_at = models.DateTimeField()
    payload: models.JSONField[Any, Any] = models.JSONField(default=dict)
    blackboard_pointer = models.CharField(max_length=200, blank=True, default="")
    metadata: models.JSONField[Any, Any] = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    """Of the body that a client sent: the same id with another body is refused."""
    task_id = models.BigIntegerField(null=True)
    """The task that published it; with `number` it is the same event when that task runs again."""
    number = models.PositiveSmallIntegerField(default=0)
    tasks: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Keys of the tasks that it brought about."""
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("film event")
        verbose_name_plural = _("film events")
        constraints = (
            models.UniqueConstraint(fields=("film", "event_id"), name="a_film_has_an_event_once"),
            models.UniqueConstraint(
                fields=("task_id", "number"),
                condition=models.Q(task_id__isnull=False),
                name="a_task_publishes_each_event_once",
            ),
        )
        indexes = (models.Index(fields=("film", "type", "-id"), name="film_events_by_type"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.type} {self.event_id}"


class EventMapping(models.Model):
    """A rule that somebody added: a task for a type of event. Empty project: for every project."""

    project = models.ForeignKey(
        "workorders.Project",
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("project"),
    )
    event_type = models.CharField(_("event"), max_length=64)
    task_type = models.CharField(_("task"), max_length=32, choices=[(name, name) for name in BY_NAME])
    agent = models.CharField(_("agent"), max_length=100, blank=True, default="")
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=Priority.NORMAL, choices=[(one.value, one.name) for one in Priority]
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    created_by = models.CharField(max_length=200, blank=True, default="", editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("event mapping")
        verbose_name_plural = _("event mappings")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "event_type", "task_type"), nulls_distinct=False, name="a_mapping_is_written_once"
            ),
            models.CheckConstraint(condition=models.Q(priority__lte=10), name="a_mappings_priority_is_0_to_10"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.event_type} -> {self.task_type}"

    def as_rule(self) -> Rule:
        """As the map has it."""
        agent = self.agent or BY_NAME[self.task_type].agent
        return Rule(event_type=self.event_type, task_type=self.task_type, agent=agent, priority=self.priority)
