"""Django's registration."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardConfig(AppConfig):
    """The Board's admin."""

    name = "apps.board"
    label = "board"
    verbose_name = _("Board")
