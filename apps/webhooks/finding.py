"""A webhook, or a delivery of it, for a caller: what they may not see does not exist for them."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.accounts.access import caller_of, readable, writable
from apps.api.errors import ReadOnlyMember

from .models import Delivery, Subscription


def seen_by(request: Request) -> QuerySet[Subscription]:
    """Those of the caller's projects."""
    seen = readable(caller_of(request)).values_list("pk", flat=True)
    return Subscription.objects.filter(project__in=seen).select_related("project")


def find(request: Request, hook_id: str) -> Subscription:
    """Return the webhook if the caller may see it."""
    found = seen_by(request).filter(public_id=hook_id).first()
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def find_to_change(request: Request, hook_id: str) -> Subscription:
    """Return it if the caller may change it: 404 when they may not see it, 403 when they only may."""
    found = find(request, hook_id)
    if not writable(caller_of(request)).filter(pk=found.project_id).exists():
        raise ReadOnlyMember
    return found


def delivery_of(subscription: Subscription, message_id: str) -> Delivery:
    """Return one of its deliveries."""
    found = subscription.deliveries.select_related("subscription").filter(public_id=message_id).first()
    if found is None:
        raise NotFound("There is no such delivery.")
    return found
