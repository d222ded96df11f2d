"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig


class TelegramConfig(AppConfig):
    """The bot: messages become work orders, buttons become decisions."""

    name = "apps.telegram"
    label = "telegram"
