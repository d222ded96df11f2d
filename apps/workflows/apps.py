"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    """Workflows of stages with contracts."""

    name = "apps.workflows"
    label = "workflows"
    verbose_name = _("Workflows")
