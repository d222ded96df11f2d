"""What the API says of webhooks."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from apps.api.answers import Shape

from .models import Attempt, Delivery, Subscription

STATES = [state.value for state in Delivery.State]
WHY = [why.value for why in Subscription.Ended]


class Webhook(Shape):
    """A webhook."""

    id = s.CharField()
    project = s.CharField()
    url = s.CharField()
    kinds = s.ListField(child=s.CharField())
    description = s.CharField(allow_blank=True)
    enabled = s.BooleanField()
    disabled_at = s.DateTimeField(allow_null=True)
    disabled_why = s.ChoiceField(WHY, allow_null=True)
    failing_since = s.DateTimeField(allow_null=True, help_text="Since when every attempt has failed.")
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()


class WebhookWithSecret(Webhook):
    """A webhook, and the secret that is shown this once."""

    secret = s.CharField(allow_null=True, help_text="Shown once; null where this answer is a repeated one.")


class WebhookPage(Shape):
    """A page of webhooks."""

    results = Webhook(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class WebhookDelivery(Shape):
    """A delivery."""

    id = s.CharField(help_text="The `webhook-id` of every attempt.")
    kind = s.CharField()
    state = s.ChoiceField(STATES)
    attempts = s.IntegerField()
    created_at = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)


class WebhookDeliveryPage(Shape):
    """A page of deliveries."""

    results = WebhookDelivery(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class WebhookAttempt(Shape):
    """One request of a delivery."""

    number = s.IntegerField()
    at = s.DateTimeField()
    ms = s.IntegerField()
    status = s.IntegerField(allow_null=True, help_text="Of HTTP; null where no answer came.")
    code = s.CharField(allow_blank=True, help_text="`refused`: the address is not asked. `no_answer`: nobody answered.")
    excerpt = s.CharField(allow_blank=True, help_text="The first 1,000 characters of the answer.")


class WebhookDeliveryInFull(WebhookDelivery):
    """A delivery with what was sent and what came back."""

    url = s.CharField()
    body = s.CharField(help_text="As it is sent: the text that is signed.")
    tries = WebhookAttempt(many=True)


def webhook(row: Subscription) -> dict[str, Any]:
    """A webhook, without its secret."""
    return {
        "id": row.public_id,
        "project": row.project.slug,
        "url": row.url,
        "kinds": row.kinds,
        "description": row.description,
        "enabled": row.is_open,
        "disabled_at": _moment(row.ended_at),
        "disabled_why": row.ended or None,
        "failing_since": _moment(row.failing_since),
        "created_by": row.created_by,
        "created_at": _moment(row.created_at),
    }


def delivery(row: Delivery) -> dict[str, Any]:
    """A delivery, as lists show it."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "state": row.standing,
        "attempts": row.attempts,
        "created_at": _moment(row.created_at),
        "ended_at": _moment(row.ended_at),
    }


def in_full(row: Delivery) -> dict[str, Any]:
    """A delivery with all there is."""
    tries = [_attempt(one) for one in row.tries.order_by("number")]
    return {**delivery(row), "url": row.subscription.url, "body": row.body, "tries": tries}


def _attempt(row: Attempt) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("number", "ms", "status", "code", "excerpt")}
    return {**told, "at": _moment(row.at)}


def _moment(at: Any) -> str | None:
    return at.isoformat() if at else None
