"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Signed deliveries to other systems."""

    name = "apps.webhooks"
    label = "webhooks"
