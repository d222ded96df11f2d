"""The kind of page all others are: it shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class Shown(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at. Who may look is Django's view permission."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False
