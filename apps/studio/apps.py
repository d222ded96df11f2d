"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """Media production: events in, tasks out, checkpoints between."""

    name = "apps.studio"
    label = "studio"
