"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """/api/chat."""

    name = "apps.gateway"
    label = "gateway"
