"""The kind of page all others are: it shows, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from .words import LABELS, WORDS

Column = Callable[[Any], Any]


class Shown(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at. Who may look is Django's view permission."""

    heading: Any = ""
    """What the page is about, for people."""
    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    # --- In the reader's language: models know only their own names ---

    def get_list_display(self, request: HttpRequest) -> list[str | Column]:
        """Columns under translated headings."""
        return [_column(name) for name in self.list_display]

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> list[str | Column]:
        """The same columns, where they lead to the row's page."""
        return [_column(name) for name in self.list_display_links or self.list_display[:1]]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Fields under translated labels."""
        return super().get_form(request, obj, change, labels=LABELS, **options)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under its heading."""
        response: HttpResponse = super().changelist_view(request, {"title": self.heading, **(extra_context or {})})
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One row, under the heading of its list."""
        told = {"title": self.heading, **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, told)
        return response


@cache
def _column(name: str) -> str | Column:
    if name not in LABELS:
        return name

    def shown(row: Any) -> Any:
        return getattr(row, name)

    shown.__name__ = name
    shown.short_description = LABELS[name]  # type: ignore[attr-defined]  # Django reads these
    shown.admin_order_field = name  # type: ignore[attr-defined]
    return shown


def among(name: str, values: Iterable[str]) -> type[admin.SimpleListFilter]:
    """A filter by a column that holds one of `values`: no list of distinct values is read from a large table."""
    known = tuple(values)

    class Among(admin.SimpleListFilter):
        """One of the known values."""

        title = LABELS.get(name, name)
        parameter_name = name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            """Every value, in words."""
            return [(value, WORDS.get(value, value)) for value in known]

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            """Those with the chosen value."""
            return queryset.filter(**{name: self.value()}) if self.value() in known else queryset

    return Among
