"""Work orders, for Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkOrdersConfig(AppConfig):
    """The story's tables. The engine finds `handlers` by itself."""

    name = "workorders"
    verbose_name = _("Work orders")
