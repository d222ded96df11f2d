"""What webhooks want done by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from nexus import engine

from .feeding import feed_all
from .models import Delivery

MOST_AT_ONCE = 5_000


@engine.chore(every=1)
def feed_subscriptions() -> int:
    """Write what is to be delivered of what has happened."""
    return feed_all()


@engine.chore(every=600)
def forget_old_deliveries() -> int:
    """Delete deliveries that ended long ago, with their attempts; return how many."""
    old = Delivery.objects.filter(ended_at__lt=Now() - timedelta(days=settings.NEXUS_WEBHOOK_KEPT_DAYS))
    with transaction.atomic():
        ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
        Delivery.objects.filter(pk__in=ids).delete()
    return len(ids)
