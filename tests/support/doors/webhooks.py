"""The doors of apps/webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from apps.webhooks.models import Delivery, Subscription
from tests.support.people import Cast

from . import SECRET, Door, lists, own

HOOK = {"url": f"https://example.com/{SECRET}", "kinds": ["run.*"], "project": "acme"}
ONE = "api/v2/webhooks/<hook:hook_id>"


def a_webhook(cast: Cast) -> Mapping[str, object]:
    """A webhook of Alice's."""
    answer = cast.alice.post("/api/v2/webhooks", HOOK)
    assert answer.status_code == 201, answer.content
    return {"hook_id": answer.json()["id"]}


def a_delivery(cast: Cast) -> Mapping[str, object]:
    """Something that was sent to it."""
    hook = a_webhook(cast)
    sent = Delivery.objects.create(
        public_id=f"msg_{uuid4().hex}", subscription=Subscription.objects.get(public_id=hook["hook_id"]),
        kind="webhook.ping", body=SECRET, standing="delivered",
    )  # fmt: skip
    return {**hook, "message_id": sent.public_id}


DOORS: dict[str, Door] = {
    "api/v2/webhooks": lists(says=HOOK),
    ONE: own(a_webhook, says={"description": "x"}),
    f"{ONE}/rotate": own(a_webhook),
    f"{ONE}/ping": own(a_webhook),
    f"{ONE}/deliveries": own(a_webhook),
    f"{ONE}/deliveries/<message:message_id>": own(a_delivery),
    f"{ONE}/deliveries/<message:message_id>/redeliver": own(a_delivery),
}
