"""Agents, for Django."""

from __future__ import annotations

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """Roles and model calls."""

    name = "agents"
    verbose_name = "Agents"
