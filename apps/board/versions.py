"""Versions of roles: what was changed, by whom, why, and the way back. Keys of providers: set, and never shown."""

from __future__ import annotations

import difflib
import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents import roles
from agents.models import ProviderKey, RoleVersion

from . import words
from .acts.known import buttons
from .readonly import Shown


@admin.register(RoleVersion)
class RoleVersions(Shown):
    """Every role as it was from a moment on."""

    heading = _("Versions of roles")
    list_display = ("role", "version", "model", "actor", "reason", "at")
    search_fields = ("=role", "=model", "=actor")
    ordering = ("-id",)
    change_form_outer_after_template = "board/version.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The version, what it changed, and the way back to it where it is not in force."""
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = _beside(request, row) if row is not None else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})
        return response


def _beside(request: HttpRequest, row: RoleVersion) -> dict[str, Any]:
    others = RoleVersion.objects.filter(role=row.role)
    before = others.filter(version__lt=row.version).order_by("-version").first()
    newest = others.order_by("-version").first()
    back = buttons(request, "role", row.pk, ["rollback"]) if newest is not None and newest.pk != row.pk else []
    return {"version_diff": diff(before, row) if before else [], "version_buttons": back, "version_before": before}


def diff(before: RoleVersion, after: RoleVersion) -> list[dict[str, Any]]:
    """Field by field what is different, as lines that were taken away and added."""
    changed = [name for name in roles.CHANGEABLE if getattr(before, name) != getattr(after, name)]
    return [
        {"name": words.LABELS.get(name, name), "lines": _lines(getattr(before, name), getattr(after, name))}
        for name in changed
    ]


def _lines(before: Any, after: Any) -> list[tuple[str, str]]:
    """(`-`, line), (`+`, line) or (``, line)."""
    told = difflib.ndiff(_text(before), _text(after))
    return [(line[0].strip(), line[2:]) for line in told if line[0] != "?"]


def _text(value: Any) -> list[str]:
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)).splitlines() or [""]


@admin.register(ProviderKey)
class ProviderKeys(Shown):
    """Which providers have a key here. What is locked in it is on no page."""

    heading = _("Keys of providers")
    list_display = ("provider", "shown_prefix", "set_by", "set_at", "last_used_at")
    fields = ("provider", "shown_prefix", "set_by", "set_at", "last_used_at")
    readonly_fields = ("shown_prefix",)
    change_form_outer_after_template = "board/provider_key.html"
    list_before_template = "board/provider_keys.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, and the way to the form."""
        beside = {"key_buttons": buttons(request, "keys", "new", ["set"])}
        return super().changelist_view(request, {**beside, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One of them, and the way to forget it."""
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = {"key_buttons": buttons(request, "key", row.provider, ["forget"])} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**beside, **(extra_context or {})})

    @display(description=_("Begins with"))
    def shown_prefix(self, row: ProviderKey) -> str:
        """Enough to tell two apart."""
        return f"{row.prefix}…"
