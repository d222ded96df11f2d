"""The Board's pages: webhooks and what was sent to them, schedules and their ticks, inlets and what came in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from nexus.errors import NexusError
from workorders.models import Arrival, Firing, Inlet, Schedule

from .models import Attempt, Delivery, Subscription
from .subscribing import redeliver

STATES = {"pending": "info", "delivered": "success", "failed": "danger", "held": "warning"}


class _Shown(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows to look at."""

    list_per_page = 50
    show_full_result_count = False
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Subscription)
class Subscriptions(_Shown):
    """Who is told of what, and why nothing is sent where that is so."""

    list_display = ("public_id", "project", "url", "shown_state", "failing_since", "ended_at")
    search_fields = ("public_id", "url", "project__slug")
    list_select_related = ("project",)
    fields = (
        "public_id", "project", "url", "description", "kinds", "created_by", "created_at", "failing_since", "ended_at",
        "ended",
    )  # fmt: skip

    @display(description=_("state"), label={"open": "success", "": "danger"})
    def shown_state(self, row: Subscription) -> tuple[str, Any]:
        """Is anything sent to it?"""
        return ("open", _("in use")) if row.is_open else ("", row.get_ended_display())


class _Attempts(TabularInline):  # type: ignore[misc]
    """What came of each request."""

    model = Attempt
    fields = readonly_fields = ("number", "at", "status", "code", "ms", "excerpt")
    ordering = ("number",)
    can_delete = False
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Delivery)
class Deliveries(_Shown):
    """What was sent, and every answer to it."""

    list_display = ("public_id", "subscription", "kind", "shown_state", "attempts", "created_at", "ended_at")
    list_filter = ("standing",)
    search_fields = ("public_id", "subscription__public_id")
    list_select_related = ("subscription",)
    fields = ("public_id", "subscription", "kind", "standing", "attempts", "created_at", "ended_at", "body")
    inlines = (_Attempts,)
    actions = ("send_again",)

    @display(description=_("state"), label=STATES)
    def shown_state(self, row: Delivery) -> tuple[str, Any]:
        """How it stands."""
        return row.standing, row.get_standing_display()

    def has_send_permission(self, request: HttpRequest) -> bool:
        """May this user have something sent?"""
        return bool(request.user.has_perm("webhooks.change_delivery"))

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        """Send the chosen ones again, each under the id that it had."""
        sent = 0
        for row in rows.select_related("subscription"):
            try:
                with transaction.atomic():
                    redeliver(row)
                sent += 1
            except NexusError as refused:
                messages.warning(request, f"{row.public_id}: {refused}")
        if sent:
            messages.success(request, _("Sent again: %d") % sent)


@admin.register(Schedule)
class Schedules(_Shown):
    """What files orders by the clock, and when next."""

    list_display = ("name", "project", "cron", "zone", "is_on", "next_at", "created_by")
    search_fields = ("public_id", "name", "project__slug")
    list_select_related = ("project",)


@admin.register(Firing)
class Ticks(_Shown):
    """Each tick, and what came of it."""

    list_display = ("schedule", "due_at", "outcome", "order", "why")
    list_filter = ("outcome",)
    search_fields = ("schedule__name", "order")
    list_select_related = ("schedule",)


@admin.register(Inlet)
class Inlets(_Shown):
    """Where other systems file orders. The secret is not shown."""

    list_display = ("name", "project", "proof", "is_on", "created_by", "created_at")
    search_fields = ("public_id", "name", "project__slug")
    list_select_related = ("project",)


@admin.register(Arrival)
class Arrivals(_Shown):
    """What came in, and the order that it became."""

    list_display = ("inlet", "delivery_id", "order", "arrived_at")
    search_fields = ("delivery_id", "order")
    list_select_related = ("inlet",)
