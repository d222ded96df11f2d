"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """/api/v2."""

    name = "apps.api"
    label = "api"

    def ready(self) -> None:
        """Let the schema know how callers prove who they are."""
        from . import schema  # noqa: F401
