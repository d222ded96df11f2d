"""A webhook, or a delivery of it, for a caller: what they may not see does not exist for them."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from apps.api import owned

from .models import Delivery, Subscription


def seen_by(request: Request) -> QuerySet[Subscription]:
    """Those of the caller's projects, or of the one that the query names."""
    return owned.seen_by(request, Subscription.objects.all())


def find(request: Request, hook_id: str) -> Subscription:
    """Return the webhook if the caller may see it."""
    return owned.find(request, Subscription.objects.all(), hook_id, what="webhook")


def find_to_change(request: Request, hook_id: str) -> Subscription:
    """Return it if the caller may change it: 404 when they may not see it, 403 when they only may."""
    return owned.find_to_change(request, Subscription.objects.all(), hook_id, what="webhook")


def delivery_of(subscription: Subscription, message_id: str) -> Delivery:
    """Return one of its deliveries."""
    found = subscription.deliveries.select_related("subscription").filter(public_id=message_id).first()
    if found is None:
        raise NotFound("There is no such delivery.")
    return found
