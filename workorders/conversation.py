"""What was said before in the conversation that an order is part of: its earlier orders, and what came of them."""

from __future__ import annotations

from . import rules
from .models import Deliverable, WorkOrder

TURNS = 8
"""Earlier orders that are told, newest last."""
SAID_AT_MOST, ANSWERED_AT_MOST = 1_000, 1_500
"""Characters of a request and of an answer; of longer ones the head and the tail."""


def before(order: WorkOrder) -> dict[str, str]:
    """The last turns before this order, for a prompt; nothing where there are none."""
    if not order.conversation:
        return {}
    same = WorkOrder.objects.filter(
        project_id=order.project_id, requester=order.requester, conversation=order.conversation, pk__lt=order.pk
    )
    earlier = list(same.order_by("-pk")[:TURNS])[::-1]
    if not earlier:
        return {}
    newest = Deliverable.objects.filter(order__in=earlier).order_by("pk").values_list("order_id", "body")
    return {"Conversation so far": "\n\n".join(_turn(one, dict(newest).get(one.pk)) for one in earlier)}


def _turn(order: WorkOrder, answer: str | None) -> str:
    said = f"User: {rules.excerpt(order.message, SAID_AT_MOST)}"
    told = answer or order.question
    return f"{said}\nNexus: {rules.excerpt(told, ANSWERED_AT_MOST)}" if told else said
