"""What the bot wants done by the clock."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from nexus import engine

from .models import LinkCode, Message, Update

KEPT_FOR = timedelta(days=30)
"""Telegram brings an update again for a day at most."""
MOST_AT_ONCE = 5_000


@engine.chore(every=3600)
def forget_old() -> int:
    """Delete, a month later, updates that were handled, words that were said and old codes; return how many."""
    long_ago = Now() - KEPT_FOR
    said = Message.objects.filter(kind=Message.Kind.WORDS, shown=F("version"), created_at__lt=long_ago)
    handled = Update.objects.filter(handled_at__isnull=False, received_at__lt=long_ago)
    gone = 0
    for old in (said, handled, LinkCode.objects.filter(expires_at__lt=long_ago)):
        # Locked and skipped: another dispatcher does not wait for this.
        with transaction.atomic():
            ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST_AT_ONCE])
            deleted, _rows = old.model._default_manager.filter(pk__in=ids).delete()
        gone += deleted
    return gone
