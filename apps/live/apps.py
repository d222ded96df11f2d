"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class LiveConfig(AppConfig):
    """SSE and WebSockets."""

    name = "apps.live"
    label = "live"
