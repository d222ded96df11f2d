"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, keys, membership."""

    name = "apps.accounts"
    label = "accounts"
    verbose_name = _("Accounts")
