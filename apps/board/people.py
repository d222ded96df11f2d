"""Who works and who may: roles of agents, API keys."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agents.models import Role
from apps.accounts.models import ApiKey

from .readonly import Shown


@admin.register(Role)
class Roles(Shown):
    """Names, and the models behind them."""

    heading = _("Roles")
    list_display = ("name", "provider", "model", "effort", "max_output_tokens", "version")
    search_fields = ("name", "model")


@admin.register(ApiKey)
class ApiKeys(Shown):
    """Keys as the server knows them: what would open a door is not stored."""

    heading = _("API keys")
    list_display = ("public_id", "name", "user", "shown_project", "shown_scopes", "shown_state", "last_used_at")
    search_fields = ("public_id", "name", "user__username")
    ordering = ("-id",)
    list_select_related = ("user", "project")
    exclude = ("digest",)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Not even the digest, whoever looks."""
        return self.exclude

    @display(description=_("Project"))
    def shown_project(self, key: ApiKey) -> Any:
        """The only one it opens, or all of its user's."""
        return key.project.slug if key.project else _("all of the user's")

    @display(description=_("Scopes"))
    def shown_scopes(self, key: ApiKey) -> str:
        """What it may do."""
        return ", ".join(key.scopes)

    @display(description=_("State"), label={"used": "success", "revoked": "danger", "expired": "warning"})
    def shown_state(self, key: ApiKey) -> tuple[str, Any]:
        """Does it still open anything?"""
        if key.revoked_at is not None:
            return "revoked", _("revoked")
        if key.expires_at is not None and key.expires_at <= timezone.now():
            return "expired", _("expired")
        return "used", _("in use")
