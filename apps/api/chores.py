"""What the API wants done by the clock."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from nexus import engine

from .idempotency import KEPT_FOR
from .models import IdempotencyKey

MOST_AT_ONCE = 10_000
"""One statement stays short, however many are old."""


@engine.chore(every=600)
def forget_old_keys() -> int:
    """Delete the answers whose Idempotency-Key may be used again; return how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=Now() - KEPT_FOR).order_by("created_at")
    # Locked and skipped: neither another dispatcher nor a request that is replacing one waits for this.
    with transaction.atomic():
        ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
        forgotten, _ = IdempotencyKey.objects.filter(pk__in=ids).delete()
    return forgotten
