"""What the gateway wants done by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from nexus import engine

from .models import SystemLog

MOST_AT_ONCE = 5_000
"""One statement stays short, however many are old."""


@engine.chore(every=600)
def forget_old_errors() -> int:
    """Delete entries of the system log that are older than NEXUS_SYSTEM_LOG_DAYS; return how many."""
    old = SystemLog.objects.filter(at__lt=Now() - timedelta(days=max(settings.NEXUS_SYSTEM_LOG_DAYS, 0)))
    ids = list(old.order_by("at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    forgotten, _ = SystemLog.objects.filter(pk__in=ids).delete()
    return forgotten
