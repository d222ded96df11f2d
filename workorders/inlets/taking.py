"""A message -> an order, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from workorders import templates

from .filling import fill
from .models import Arrival, Inlet

CHANNEL = "internal"
FILE = "message.json"


@dataclass(frozen=True)
class Taken:
    """What a message became."""

    order: str
    again: bool
    """It had come before."""


@transaction.atomic
def take(inlet: Inlet, *, delivery_id: str, message: Any, text: str) -> Taken:
    """File the order of a message that was proved; `text` is the message as it came.

    Raise OrderInvalid, NotOffered, and keep nothing.

    The same message twice at once: the second waits at the unique row until the first has committed, and finds the
    order there; or the first has failed, and the second files it.
    """
    arrival, new = Arrival.objects.get_or_create(inlet=inlet, delivery_id=delivery_id)
    if not new:
        return Taken(arrival.order, again=True)
    said = {"name": FILE, "content": text}
    order = templates.file(
        inlet.template, project=inlet.project, requester=inlet.created_by, channel=CHANNEL,
        message=fill(inlet.template["message"], message), files=[said],
    )  # fmt: skip
    Arrival.objects.filter(pk=arrival.pk).update(order=order.public_id)
    return Taken(order.public_id, again=False)
