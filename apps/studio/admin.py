"""The Board's pages of the studio: films and what happened to them to look at, the map to add to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from .models import EventMapping, Film, FilmEvent, Shot


class _Shown(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Film)
class Films(_Shown):
    """Film projects."""

    list_display = ("name", "project", "shown_order", "quality", "strategy", "created_at", "finalized_at")
    search_fields = ("name", "title", "order__public_id")
    list_select_related = ("project", "order")

    @display(description="WO", ordering="order__public_id")
    def shown_order(self, film: Film) -> str:
        """Its work order."""
        return film.order.public_id


@admin.register(Shot)
class Shots(_Shown):
    """Shots, and how far they are."""

    list_display = ("shot_id", "film", "keyframe", "preview", "final", "tries")
    search_fields = ("film__name",)
    list_select_related = ("film",)


@admin.register(FilmEvent)
class FilmEvents(_Shown):
    """What happened, newest first."""

    list_display = ("event_id", "type", "film", "actor", "happened_at", "tasks")
    search_fields = ("event_id", "type", "film__name")
    list_select_related = ("film",)


@admin.register(EventMapping)
class EventMappings(ModelAdmin):  # type: ignore[misc]
    """The map: what is added here is done beside what is shipped."""

    list_display = ("event_type", "task_type", "agent", "priority", "project", "enabled")
    list_filter = ("enabled", "task_type")
    search_fields = ("event_type", "task_type")
    list_select_related = ("project",)
    fields = ("project", "event_type", "task_type", "agent", "priority", "enabled")
    ordering = ("event_type", "id")

    def save_model(self, request: HttpRequest, obj: EventMapping, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Keep who added it."""
        obj.created_by = obj.created_by or request.user.get_username()
        super().save_model(request, obj, form, change)
