"""What is stored of runs and tasks. State is written by transitions.py alone.

What belongs to a run is written by functions that hold the run's row, or have just written it: Postgres is not asked
once more whether it is there (no foreign keys), which cost a twentieth of every order. Each table has one check, which
is a call: see sql/05_sound.sql.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import RunQuerySet, TaskQuerySet
from .states import RunState, TaskState


def _is_sound(function: str, *columns: str) -> models.Func:
    return models.Func(*columns, function=function, output_field=models.BooleanField())


class Run(models.Model):
    """One graph of tasks. The row that serialises everything that happens to them."""

    tenant = models.TextField()
    """Whose it is: opaque to the engine."""
    subject = models.TextField()
    """What it is about: the public id that its domain knows it by."""
    state = models.TextField(choices=[(s.value, s.value) for s in RunState], default=RunState.OPEN)
    priority = models.SmallIntegerField(default=5)
    on_failure = models.TextField(default="block")
    """block: a dead task waits for a person. fail: it ends the run."""
    open_tasks = models.IntegerField(default=0)
    """Tasks that are not final."""
    failed_tasks = models.IntegerField(default=0)
    last_seq = models.BigIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = (
            models.CheckConstraint(
                condition=_is_sound("nexus_run_is_sound", "state", "open_tasks", "finished_at"), name="run_is_sound"
            ),
        )
        indexes = (
            models.Index(fields=["tenant", "-id"], name="run_by_tenant"),
            models.Index(fields=["id"], condition=Q(state=RunState.OPEN), name="run_open"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.subject} ({self.state})"


class Task(models.Model):
    """One piece of work. A READY row is its own outbox: the dispatcher rings it until it is claimed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tasks", db_index=False, db_constraint=False)
    key = models.TextField()
    type = models.TextField()
    title = models.TextField(default="", blank=True)
    queue = models.TextField()
    priority = models.SmallIntegerField(default=5)
    state = models.TextField(choices=[(s.value, s.value) for s in TaskState])
    deps_left = models.IntegerField(default=0)
    """Parents that are not completed."""
    attempt = models.IntegerField(default=0)
    """Attempts spent; what was given back or parked is not counted."""
    max_attempts = models.IntegerField(default=4)
    not_before = models.DateTimeField(null=True)
    ring_at = models.DateTimeField(null=True)
    """When the dispatcher rings next, while READY."""
    rings = models.IntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    """Goes up with every claim. A late worker's number matches no row."""
    canvas = models.ForeignKey(
        "nexus.Canvas", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )
    """The canvas that carries it, if one does."""
    input: models.JSONField[Any, Any] = models.JSONField(default=dict)
    output: models.JSONField[Any, Any] = models.JSONField(null=True)
    error: models.JSONField[Any, Any] = models.JSONField(null=True)
    wait: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Why it does not move, where parents and time do not say it: {code, message, detail, since}."""
    exclusive = models.TextField(null=True)
    """Of all tasks with this key, in whatever runs, one runs at a time."""
    timeout = models.FloatField(default=600)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = (
            models.UniqueConstraint(fields=("run", "key"), name="task_key_is_unique_in_its_run"),
            models.CheckConstraint(
                condition=_is_sound("nexus_task_is_sound", "state", "deps_left", "attempt", "finished_at"),
                name="task_is_sound",
            ),
            models.UniqueConstraint(
                fields=("exclusive",),
                condition=Q(state=TaskState.RUNNING, exclusive__isnull=False),
                name="task_runs_alone_with_its_key",
            ),
        )
        indexes = (
            # Each of these names in its condition what only its own question asks: see sql/20_claim.sql.
            models.Index(
                F("queue"),
                F("priority").desc(),
                F("id"),
                condition=Q(state=TaskState.READY, priority__gte=0),
                name="task_next_of_queue",
            ),
            models.Index(
                fields=["queue", "ring_at"],
                condition=Q(state=TaskState.READY, ring_at__isnull=False),
                name="task_due_to_ring",
            ),
            models.Index(fields=["run"], condition=Q(state=TaskState.READY, run__gt=0), name="task_ready_of_its_run"),
            models.Index(
                fields=["not_before"],
                condition=Q(state=TaskState.PENDING, deps_left=0),
                name="task_due_to_be_ready",
            ),
            models.Index(
                fields=["exclusive"],
                condition=Q(state=TaskState.READY, exclusive__isnull=False),
                name="task_waits_for_its_key",
            ),
            models.Index(
                F("wait__code"), F("id"), condition=Q(state=TaskState.WAITING_APPROVAL), name="task_parked_by_reason"
            ),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.key} ({self.state})"


class Dependency(models.Model):
    """An edge: `child` starts after `parent` completed."""

    parent = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    child = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="dependencies", db_constraint=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("parent", "child"), name="dependency_is_drawn_once"),
            models.CheckConstraint(condition=~Q(parent=F("child")), name="dependency_is_not_on_itself"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.parent_id} -> {self.child_id}"


class Attempt(models.Model):
    """One execution of a task: opened by claim, closed by settle or by the rescuer."""

    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="attempts", db_index=False, db_constraint=False
    )
    number = models.IntegerField()
    fence = models.BigIntegerField()
    worker = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True)
    """completed, failed, retry, given_back, parked, lost, cancelled; null while it runs."""
    error: models.JSONField[Any, Any] = models.JSONField(null=True)
    traceback = models.TextField(null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = (models.UniqueConstraint(fields=("task", "fence"), name="attempt_is_one_claim"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.number} by {self.worker}: {self.outcome or 'running'}"
