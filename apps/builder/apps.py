"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class BuilderConfig(AppConfig):
    """Projects that build agents, stage by stage."""

    name = "apps.builder"
    label = "builder"
