"""What schedules and inlets want done by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from nexus import engine

from .inlets.models import Arrival
from .schedules.firing import fire_due
from .schedules.models import Firing

ARRIVALS_KEPT = timedelta(days=30)
FIRINGS_KEPT = timedelta(days=400)
MOST_AT_ONCE = 5_000


@engine.chore(every=1)
def fire_schedules() -> int:
    """File what is due."""
    return fire_due()


@engine.chore(every=3600)
def forget_old_ticks_and_arrivals() -> int:
    """Delete what was long ago; return how many rows."""
    forgotten = 0
    for old in (
        Arrival.objects.filter(arrived_at__lt=Now() - ARRIVALS_KEPT),
        Firing.objects.filter(due_at__lt=Now() - FIRINGS_KEPT),
    ):
        with transaction.atomic():
            ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
            forgotten += old.model.objects.filter(pk__in=ids).delete()[0]
    return forgotten
