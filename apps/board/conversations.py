"""Sessions with agents, to read: who talks with whom, and what was said."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.models import Message, Session

from . import words
from .readonly import Shown, among

LATEST = 100
SHOWN = 4_000


@admin.register(Session)
class Sessions(Shown):
    """Conversations, newest first."""

    heading = _("Sessions")
    list_display = ("public_id", "role", "title", "shown_status", "message_count", "starter", "last_active_at")
    list_filter = (among("status", Session.Status.values),)
    search_fields = ("=public_id", "=starter", "title")
    ordering = ("-id",)
    change_form_outer_after_template = "board/session.html"
    fields = (
        "public_id", "role", "title", "status", "busy", "turn", "starter", "message_count", "summary", "created_at",
        "last_active_at",
    )  # fmt: skip

    @display(description=_("Status"), label=words.COLOURS, ordering="status")
    def shown_status(self, session: Session) -> tuple[str, Any]:
        """In words and colour."""
        return words.said(session.status)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The session, and what was said in it last."""
        session = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = {"session_messages": _messages(session)} if session is not None else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})
        return response


def _messages(session: Session) -> list[dict[str, Any]]:
    latest = Message.objects.filter(session=session).order_by("-pk")[:LATEST]
    return [
        {
            "who": one.role, "at": date_format(localtime(one.created_at), "Y-m-d H:i:s"),
            "text": one.content[:SHOWN] or gettext("no text"), "status": one.get_status_display(),
        }
        for one in reversed(latest)
    ]  # fmt: skip
