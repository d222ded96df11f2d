"""Open a subscription, change it, end it, give it a new secret, try it, send something again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from agents.safe_http.addresses import networks, why_not
from agents.safe_http.errors import FetchRefused
from agents.safe_http.urls import parse
from nexus import engine
from nexus.transactions import requires_transaction
from workorders.models import Project

from . import secrets
from .delivering import carry, file
from .errors import TooManyWebhooks, WebhookDisabled, WebhookInvalid
from .models import Delivery, Subscription

KIND = re.compile(r"\*|[a-z]{1,30}(\.[a-z_]{1,40}){1,2}|[a-z]{1,30}(\.[a-z_]{1,40})?\.\*")
PING = "webhook.ping"
MOST_HELD = 1_000


@requires_transaction
def subscribe(
    *, project: Project, url: str, kinds: Sequence[str], description: str = "", actor: str = ""
) -> tuple[Subscription, str]:
    """Open a subscription and return it with its secret, which is shown this once. It is told of what happens now on.

    Raise WebhookInvalid, TooManyWebhooks.
    """
    checked_url(url)
    checked_kinds(kinds)
    Project.objects.select_for_update().get(pk=project.pk)  # two at once would both be the last that fits
    if Subscription.objects.filter(project=project).count() >= settings.NEXUS_WEBHOOKS_PER_PROJECT:
        raise TooManyWebhooks
    opened = Subscription.objects.create(
        public_id=f"hook-{uuid4()}", project=project, url=url, kinds=list(kinds), description=description,
        created_by=actor, cursor=_now(),
    )  # fmt: skip
    return opened, secrets.renew(opened)


@requires_transaction
def change(subscription: Subscription, given: Mapping[str, Any]) -> None:
    """Change what is given: url, kinds, description, enabled. `skip_missed` leaves out what happened while disabled."""
    if "url" in given:
        checked_url(given["url"])
    if "kinds" in given:
        checked_kinds(given["kinds"])
    fields = {name: given[name] for name in ("url", "kinds", "description") if name in given}
    if fields:
        Subscription.objects.filter(pk=subscription.pk).update(**fields)
    if given.get("enabled") is False:
        Subscription.objects.filter(pk=subscription.pk, ended_at__isnull=True).update(
            ended_at=Now(), ended=Subscription.Ended.BY_HAND
        )
    elif given.get("enabled") is True:
        _switch_on(subscription, skip_missed=bool(given.get("skip_missed")))


def _switch_on(subscription: Subscription, *, skip_missed: bool) -> None:
    fields: dict[str, Any] = {"ended_at": None, "ended": "", "failing_since": None}
    if skip_missed:
        fields["cursor"] = _now()
    if not Subscription.objects.filter(pk=subscription.pk, ended_at__isnull=False).update(**fields):
        return
    held = Delivery.objects.filter(subscription=subscription, standing=Delivery.State.HELD)
    if skip_missed:
        held.update(standing=Delivery.State.FAILED, ended_at=Now())
        return
    again = list(held.order_by("id").select_for_update()[:MOST_HELD])
    Delivery.objects.filter(pk__in=[one.pk for one in again]).update(standing=Delivery.State.PENDING)
    carry(again)


@requires_transaction
def ping(subscription: Subscription, *, actor: str) -> Delivery:
    """Send a message that means nothing, to see whether it arrives. Raise WebhookDisabled."""
    if not subscription.is_open:
        raise WebhookDisabled
    told = {"webhook": subscription.public_id, "project": subscription.project.slug, "actor": actor}
    body = json.dumps({"type": PING, "timestamp": timezone.now().isoformat(), "data": told}, ensure_ascii=False)
    return file([Delivery(subscription=subscription, kind=PING, body=body)])[0]


@requires_transaction
def redeliver(delivery: Delivery) -> None:
    """Send it again under the same webhook-id, with all its waits. What is still being tried is left to that; what
    nobody tries any more, because workers have died of it, is not.

    Raise WebhookDisabled.
    """
    if not delivery.subscription.is_open:
        raise WebhookDisabled
    under_way = engine.runs.filter(pk=delivery.run or 0, state=engine.RunState.OPEN).exists()
    over = Delivery.objects.filter(pk=delivery.pk)
    if under_way:
        over = over.exclude(standing=Delivery.State.PENDING)
    # The row decides between two who ask at once: one of them finds it pending.
    if over.update(standing=Delivery.State.PENDING, ended_at=None, attempts_before=F("attempts")):
        carry([Delivery.objects.get(pk=delivery.pk)])


def checked_url(url: str) -> None:
    """Refuse what would never be asked; where a name leads is looked at when something is sent."""
    try:
        target = parse(url, ports=tuple(settings.NEXUS_HTTP_PORTS))
    except FetchRefused as refused:
        raise WebhookInvalid(str(refused), pointer="/url") from None
    allowed = networks(settings.NEXUS_HTTP_ALLOW)
    if target.is_address and (why := why_not(target.host, allowed=allowed)):
        raise WebhookInvalid(f"{target.host} is not asked: it is {why}", pointer="/url")
    # What leaves is a project's own; in the open it goes only to a network that the operator has named.
    if target.scheme == "http" and not (target.is_address and why_not(target.host)):
        raise WebhookInvalid("A webhook's URL begins with https://", pointer="/url")


def checked_kinds(kinds: Sequence[str]) -> None:
    """Refuse what can be no kind of event."""
    for place, kind in enumerate(kinds):
        if not KIND.fullmatch(kind):
            raise WebhookInvalid(
                "A kind is written as run.completed, and several at once as order.* or *", pointer=f"/kinds/{place}"
            )


def _now() -> int:
    """Everything up to here has been given out: what a new subscription is told of comes after it."""
    return engine.events.order_by("-id").values_list("id", flat=True).first() or 0
