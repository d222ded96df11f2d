"""Work orders, newest first, with what each has cost; and one order with everything under it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from django.contrib import admin
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from billing.models import LedgerEntry
from workorders.bounds import CHANNELS
from workorders.contracts import Difficulty
from workorders.models import Project, WorkOrder
from workorders.states import OrderState

from . import order_page, words
from .readonly import Shown, among


class ByStatus(admin.SimpleListFilter):
    """The status is derived, so its filter is too."""

    title = _("Status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every state, in words."""
        return [(state.value, words.WORDS[state.value]) for state in OrderState]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those in the chosen state."""
        chosen = self.value()
        return queryset.in_status(OrderState(chosen)) if chosen and chosen in set(OrderState) else queryset


class ByProject(admin.SimpleListFilter):
    """By whose they are."""

    title = _("Project")
    parameter_name = "project"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every project, by name."""
        return [(project.slug, project.name) for project in Project.objects.order_by("name", "pk")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the chosen project."""
        return queryset.filter(project__slug=self.value()) if self.value() else queryset


@admin.register(WorkOrder)
class WorkOrders(Shown):
    """The Board's first page."""

    heading = _("Work orders")
    list_display = ("public_id", "shown_status", "shown_message", "project", "shown_owner", "shown_cost", "created_at")
    list_filter = (ByStatus, ByProject, among("difficulty", get_args(Difficulty)), among("channel", sorted(CHANNELS)))
    search_fields = ("public_id", "message", "requester")
    ordering = ("-id",)
    list_select_related = ("project", "run")
    change_form_outer_before_template = "board/order_head.html"
    change_form_outer_after_template = "board/order.html"
    fields = (
        "public_id", "project", "message", "brief", "question", "intent", "difficulty", "owner_role", "channel",
        "requester", "priority", "budget_usd", "workflow", "files", "acceptance", "created_at",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkOrder]:
        """Each with its status and its cost, in the list's own query."""
        lines = LedgerEntry.objects.filter(order=OuterRef("public_id")).order_by().values("order")
        spent = Subquery(lines.annotate(sum=Sum("amount")).values("sum"), output_field=DecimalField())
        rows: QuerySet[WorkOrder] = super().get_queryset(request).with_status()
        return rows.annotate(spent=Coalesce(spent, Value(Decimal(0)), output_field=DecimalField()))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The order, and under it tasks, attempts, deliverables and events."""
        order = self.get_object(request, object_id) if self.has_view_permission(request) else None
        beside = order_page.of(request, order) if order is not None else {}
        response: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **beside})
        return response

    @display(description=_("Status"), label=words.COLOURS)
    def shown_status(self, order: Any) -> tuple[str, Any]:
        """In words and colour."""
        return words.said(order.status)

    @display(description=_("Request"))
    def shown_message(self, order: WorkOrder) -> str:
        """The first words."""
        first = " ".join(order.message.split())
        return first if len(first) <= 80 else first[:79] + "…"

    @display(description=_("Owner"))
    def shown_owner(self, order: WorkOrder) -> str:
        """The role that owns it; none before triage."""
        return order.owner_role or "–"

    @display(description=_("Cost"), ordering="spent")
    def shown_cost(self, order: Any) -> str:
        """What the ledger says."""
        return words.dollars(order.spent)
