"""What the engine does: runs, tasks, attempts, events, dead letters."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from nexus import engine

from . import words
from .failures import Failures
from .readonly import Shown, among

OUTCOMES = ("completed", "failed", "retry", "given_back", "parked", "lost", "cancelled")


class Stated(Shown):
    """Rows that have a state."""

    @display(description=_("State"), label=words.COLOURS, ordering="state")
    def shown_state(self, row: Any) -> tuple[str, Any]:
        """In words and colour."""
        return words.said(row.state)


class ByType(admin.SimpleListFilter):
    """By the handler that does it."""

    title = _("Type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every registered type."""
        return [(name, name) for name in sorted(engine.types())]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the chosen type."""
        return queryset.filter(type=self.value()) if self.value() else queryset


class IsRaised(admin.SimpleListFilter):
    """Does it still wait for a person?"""

    title = _("Raised")
    parameter_name = "raised"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Waiting or raised."""
        return [("no", _("waits for a person")), ("yes", _("raised"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those that were chosen."""
        return queryset.filter(raised_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(engine.Run)
class Runs(Stated):
    """Task graphs."""

    heading = _("Runs")
    list_display = ("subject", "shown_state", "priority", "open_tasks", "failed_tasks", "last_seq", "created_at")
    list_filter = (among("state", engine.RunState),)
    search_fields = ("subject",)
    ordering = ("-id",)


@admin.register(engine.Task)
class Tasks(Stated):
    """Pieces of work."""

    heading = _("Tasks")
    list_display = (
        "shown_order",
        "key",
        "type",
        "shown_state",
        "queue",
        "priority",
        "attempt",
        "shown_wait",
        "created_at",
    )
    list_display_links = ("key",)
    list_filter = (among("state", engine.TaskState), ByType)
    search_fields = ("key", "run__subject")
    ordering = ("-id",)
    list_select_related = ("run",)

    @display(description=_("Order"))
    def shown_order(self, task: engine.Task) -> str:
        """What its run is about."""
        return task.run.subject

    @display(description=_("Waits for"))
    def shown_wait(self, task: engine.Task) -> str:
        """What it says itself."""
        return str((task.wait or {}).get("message") or "–")


@admin.register(engine.Attempt)
class Attempts(Shown):
    """Executions."""

    heading = _("Attempts")
    list_display = ("shown_order", "shown_task", "number", "worker", "shown_outcome", "started_at", "finished_at")
    list_display_links = ("shown_task",)
    list_filter = (among("outcome", OUTCOMES),)
    search_fields = ("worker", "task__key", "task__run__subject")
    ordering = ("-id",)
    list_select_related = ("task__run",)

    @display(description=_("Order"))
    def shown_order(self, attempt: engine.Attempt) -> str:
        """What its run is about."""
        return attempt.task.run.subject

    @display(description=_("Task"))
    def shown_task(self, attempt: engine.Attempt) -> str:
        """Its key."""
        return attempt.task.key

    @display(description=_("Outcome"), label=words.COLOURS, ordering="outcome")
    def shown_outcome(self, attempt: engine.Attempt) -> tuple[str, Any]:
        """In words and colour; none while it runs."""
        return words.said(attempt.outcome)


@admin.register(engine.Event)
class Events(Shown):
    """The feed of every run."""

    heading = _("Events")
    list_display = ("shown_order", "seq", "kind", "shown_task", "at")
    list_display_links = ("seq",)
    search_fields = ("=run__subject",)
    ordering = ("-id",)
    list_select_related = ("run", "task")

    @display(description=_("Order"))
    def shown_order(self, event: engine.Event) -> str:
        """What its run is about."""
        return event.run.subject

    @display(description=_("Task"))
    def shown_task(self, event: engine.Event) -> str:
        """Its task's key, if it is about one."""
        return event.task.key if event.task else "–"


@admin.register(engine.DeadLetter)
class DeadLetters(Failures):
    """Tasks that ran out of attempts."""

    heading = _("Dead letters")
    list_display = ("shown_order", "shown_task", "shown_error", "fingerprint", "buried_at", "raised_at")
    list_display_links = ("shown_task",)
    list_filter = (IsRaised,)
    search_fields = ("fingerprint", "task__key", "task__run__subject")
    ordering = ("-id",)
    list_select_related = ("task__run",)

    @display(description=_("Order"))
    def shown_order(self, letter: engine.DeadLetter) -> str:
        """What its run is about."""
        return letter.task.run.subject

    @display(description=_("Task"))
    def shown_task(self, letter: engine.DeadLetter) -> str:
        """Its task's key."""
        return letter.task.key

    @display(description=_("Error"))
    def shown_error(self, letter: engine.DeadLetter) -> str:
        """Why, in a few words."""
        return str(letter.error.get("message") or letter.error.get("code") or "")[:120]
