"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Workflows of stages with contracts."""

    name = "apps.workflows"
    label = "workflows"
