"""Agents, for Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    """Roles and model calls."""

    name = "agents"
    verbose_name = _("Agents")

    def ready(self) -> None:
        """Register what is looked at before anything runs."""
        from agents import configured  # noqa: F401
