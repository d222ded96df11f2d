"""The engine as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class NexusConfig(AppConfig):
    """One app for the whole engine; its rooms are packages."""

    name = "nexus"
    verbose_name = _("Engine")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Find every `handlers.py`, `chores.py`, `invariants.py`, as the admin finds `admin.py`; check the dials."""
        from nexus import checks  # noqa: F401
        from nexus.conf import dials

        dials()
        autodiscover_modules("handlers", "chores", "invariants")
