"""The audit log, to read; and the pages that belong to no row: the state of the system, prices, the dialogs of acts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from workorders import audit
from workorders.audit.catalog import WORDS
from workorders.audit.models import AuditEntry

from . import system, words
from .acts.page import act
from .readonly import Shown, among

CHANNELS = ("api", "board", "cli", "telegram", "python", "internal")


@admin.register(AuditEntry)
class AuditEntries(Shown):
    """Who did what, newest first. Nobody changes it, here or anywhere."""

    heading = _("Audit log")
    list_display = ("shown_at", "actor", "shown_channel", "shown_what", "shown_status", "shown_order")
    list_display_links = ("shown_at",)
    list_filter = (
        among("status", AuditEntry.Status.values),
        among("channel", CHANNELS),
        among("action", sorted(WORDS)),
    )
    search_fields = ("=order", "=actor", "=session")
    ordering = ("-id",)
    fields = ("at", "actor", "channel", "action", "status", "order", "session", "details")

    def get_urls(self) -> list[URLPattern]:
        """The pages of no row, before Django's own."""
        wrap = self.admin_site.admin_view
        return [
            path("system/", wrap(system.status), name="board_system"),
            path("prices/", wrap(system.role_prices), name="board_prices"),
            path("act/<slug:noun>/<slug:name>/<path:key>/", wrap(act), name="board_act"),
            *super().get_urls(),
        ]

    @display(description=_("At"), ordering="at")
    def shown_at(self, entry: AuditEntry) -> str:
        """In one line."""
        return _in_one_line(date_format(localtime(entry.at), "Y-m-d H:i:s"))

    @display(description=_("Order"), ordering="order")
    def shown_order(self, entry: AuditEntry) -> str:
        """Or the session."""
        return _in_one_line(entry.order or entry.session[:13] or "–")

    @display(description=_("What"))
    def shown_what(self, entry: AuditEntry) -> str:
        """In words, and why."""
        return audit.said(entry)

    @display(description=_("Status"), label=words.COLOURS, ordering="status")
    def shown_status(self, entry: AuditEntry) -> tuple[str, Any]:
        """In words and colour."""
        return words.said(entry.status)

    @display(description=_("Door"), ordering="channel")
    def shown_channel(self, entry: AuditEntry) -> str:
        """Through which door."""
        return entry.channel or "–"


def _in_one_line(text: str) -> str:
    return format_html('<span class="whitespace-nowrap">{}</span>', text)
