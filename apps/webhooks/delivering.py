"""The engine's task of a delivery: attempts, the waits between them, the end of it."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from nexus import engine
from nexus.transactions import requires_transaction
from workorders import audit

from . import secrets
from .models import Attempt, Delivery, Subscription
from .sending import GONE, Said, send

log = logging.getLogger("nexus.webhooks")
TASK = "webhook.deliver"
WAITS = (5, 60, 300, 1_800, 7_200, 18_000, 28_800, 28_800)
"""Seconds after each attempt, about a day in all; each a tenth more or less, so that not all come at once."""
SPARE = 12
"""Attempts that dying workers may use up besides."""


@requires_transaction
def file(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Write new deliveries, each with the run that carries it; they are sent from the commit on."""
    for one in deliveries:
        one.public_id = f"msg_{uuid4().hex}"
    written = Delivery.objects.bulk_create(deliveries)
    carry(written)
    return written


@requires_transaction
def carry(deliveries: Sequence[Delivery]) -> None:
    """Give each a run of its own, from now on."""
    if not deliveries:
        return
    runs = engine.submit_many([_submission(one) for one in deliveries])
    for one, run in zip(deliveries, runs, strict=True):
        one.run = run.pk
    Delivery.objects.bulk_update(deliveries, ["run"])


def _submission(delivery: Delivery) -> engine.Submission:
    # No project's run: a subscription would be told of its own deliveries, and of those, and so on.
    spec = engine.TaskSpec(
        key="deliver", type=TASK, input={"delivery": delivery.pk}, title=delivery.kind[:100],
        max_attempts=len(WAITS) + 1 + SPARE,
        # A receiver that hangs for as long as it may has one of our hands, not all of them.
        exclusive=f"webhook/{delivery.subscription_id}",
    )  # fmt: skip
    return engine.Submission(tenant="", subject=delivery.public_id, tasks=(spec,), on_failure="fail")


def deliver(context: engine.Context) -> engine.Outcome:
    """Send it once; come again as long as there are waits left. A worker that dies in between sends it twice."""
    delivery = (
        Delivery.objects.select_related("subscription")
        .filter(pk=context.input["delivery"], run=context.run_id, standing=Delivery.State.PENDING)
        .first()
    )
    if delivery is None:
        return engine.Done(output={"state": "nothing_to_do"})
    subscription = delivery.subscription
    if not subscription.is_open:
        Delivery.objects.filter(pk=delivery.pk).update(standing=Delivery.State.HELD)
        return engine.Done(output={"state": "held"})
    context.check()
    said = send(
        url=subscription.url, message_id=delivery.public_id, body=delivery.body, secrets=secrets.living(subscription)
    )
    with transaction.atomic():
        context.hold()
        return _noted(delivery, said)


def _noted(delivery: Delivery, said: Said) -> engine.Outcome:
    """Write down what came of it, and say what is next."""
    number = delivery.attempts + 1
    Attempt.objects.create(
        delivery=delivery, number=number, ms=said.ms, status=said.status, code=said.reason, excerpt=said.excerpt
    )
    ours = Delivery.objects.filter(pk=delivery.pk)
    whose = Subscription.objects.filter(pk=delivery.subscription_id)
    if said.is_delivered:
        ours.update(attempts=number, standing=Delivery.State.DELIVERED, ended_at=Now())
        whose.filter(failing_since__isnull=False).update(failing_since=None)
        return engine.Done(output={"state": "delivered", "status": said.status})
    whose.update(failing_since=Coalesce(F("failing_since"), Now()))
    _give_up_on(delivery.subscription, said)
    tried = number - delivery.attempts_before
    if tried > len(WAITS):
        ours.update(attempts=number, standing=Delivery.State.FAILED, ended_at=Now())
        return engine.Done(output={"state": "failed", "attempts": number})
    ours.update(attempts=number)
    wait = max(WAITS[tried - 1] * random.uniform(0.9, 1.1), said.wait)  # noqa: S311 - no secret
    answered = f"HTTP {said.status}" if said.status else said.reason
    return engine.Retry(code="not_delivered", message=f"The receiver answered: {answered}", after=wait)


def _give_up_on(subscription: Subscription, said: Said) -> None:
    """Disable what is gone, and what has failed for days without one delivery; its owner sees why, and switches on."""
    patience = timedelta(days=settings.NEXUS_WEBHOOK_PATIENCE_DAYS)
    now_open = Subscription.objects.filter(pk=subscription.pk, ended_at__isnull=True)
    if said.status == GONE:
        ended, why = now_open, Subscription.Ended.GONE
    else:
        ended, why = now_open.filter(failing_since__lt=Now() - patience), Subscription.Ended.FAILING
    if ended.update(ended_at=Now(), ended=why):
        audit.record(
            action="webhook.disabled", actor="webhooks", status="warning", project=subscription.project_id,
            webhook=subscription.public_id, url=subscription.url, why=why.value,
        )  # fmt: skip
        log.warning("webhook %s disabled: %s", subscription.public_id, why.value)
