"""Work orders, for Django."""

from __future__ import annotations

from django.apps import AppConfig


class WorkOrdersConfig(AppConfig):
    """The story's tables. The engine finds `handlers` by itself."""

    name = "workorders"
    verbose_name = "Work orders"
