"""Secrets of subscriptions: drawn here, shown once, kept sealed; two at a time while one takes over."""

from __future__ import annotations

import base64
import os
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from nexus.transactions import requires_transaction
from workorders import sealed

from .models import Secret, Subscription
from .signing import PREFIX

PURPOSE = "webhook secrets"
TAKES_OVER_IN = timedelta(hours=24)
"""How long the old secret signs beside the new one."""


@requires_transaction
def renew(subscription: Subscription) -> str:
    """Draw a secret and return it, this once. The one before it signs on for a day; older ones are forgotten now."""
    Secret.objects.filter(subscription=subscription, expires_at__isnull=False).delete()
    Secret.objects.filter(subscription=subscription).update(expires_at=Now() + TAKES_OVER_IN)
    drawn = PREFIX + base64.b64encode(os.urandom(32)).decode()
    Secret.objects.create(subscription=subscription, sealed=sealed.seal(drawn, purpose=PURPOSE))
    return drawn


def living(subscription: Subscription) -> list[str]:
    """What a delivery is signed with now, the newest first."""
    rows = Secret.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), subscription=subscription)
    return [sealed.opened(row.sealed, purpose=PURPOSE) for row in rows.order_by("-id")]
