"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Signed deliveries to other systems."""

    name = "apps.webhooks"
    label = "webhooks"
    verbose_name = _("Other systems")
