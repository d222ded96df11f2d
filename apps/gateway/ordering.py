"""Models that are whole work orders: a plan of one's own, or a workflow that an application offers.

What is said last is the request; the deliverable is the answer.
"""

from __future__ import annotations

from typing import Any

from agents.providers import messages
from agents.providers.messages import Text
from apps.accounts.access import Caller
from nexus.transactions import requires_transaction
from workorders import offers, queries
from workorders.flow import intake
from workorders.models import Project, WorkOrder
from workorders.states import OrderState

from .models import Completion
from .standing import Standing, State

OWN = "order"
"""The name of an order that is triaged, planned and reviewed like any other."""
STATES: dict[str, State] = {
    OrderState.QUEUED: "queued",
    OrderState.BLOCKED: "parked",
    OrderState.COMPLETED: "completed",
    OrderState.FAILED: "failed",
    OrderState.CANCELLED: "cancelled",
}


def names(project: Project) -> list[str]:
    """What orders may be asked for by name."""
    return [OWN, *offers.names(project)]


@requires_transaction
def file(text: str, *, name: str, project: Project, caller: Caller) -> WorkOrder:
    """Take in the request. Raise OrderInvalid, NotOffered."""
    who = caller.user.get_username()
    if name == OWN:
        return intake.accept(message=text, project=project, requester=who, channel="api")
    return offers.file(project=project, name=name, text=text, requester=who, channel="api")


def look(row: Completion) -> Standing:
    """How the order stands, as an answer."""
    order = WorkOrder.objects.select_related("run", "project").get(public_id=row.order_ref)
    seen = queries.view(order)
    state = STATES.get(seen["status"], "working")
    return Standing(
        row=row,
        state=state,
        output=_output(seen) if state == "completed" else {},
        why={"code": "needs_a_person", "message": seen["question"] or seen["waiting_for"]} if state == "parked" else {},
        started_at=order.run.started_at,
        finished_at=order.run.finished_at,
    )


def _output(seen: dict[str, Any]) -> dict[str, Any]:
    text = str((seen["deliverable"] or {}).get("text") or "")
    return {
        "blocks": messages.blocks_as_json([Text(text=text)]),
        "stop_reason": "end_turn",
        "model": None,
        "role": seen["owner_role"] or None,
        "sandbox": seen["sandbox"],
        "input_tokens": seen["tokens"]["input"],
        "output_tokens": seen["tokens"]["output"],
        "cost_usd": seen["cost_usd"],
    }
