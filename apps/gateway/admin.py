"""The system log, for the Board: to look at, and nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.board.readonly import Shown, among

from .models import SystemLog


@admin.register(SystemLog)
class SystemLogs(Shown):
    """What broke, and where."""

    heading = _("System log")
    list_display = ("at", "level", "source", "message", "task_id", "request_id")
    list_display_links = ("message",)
    list_filter = (among("level", ("ERROR", "CRITICAL")),)
    search_fields = ("message", "source", "=request_id")
    ordering = ("-id",)
