"""Is machine work ordered, and who has to agree before it is done."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from nexus import engine
from workorders import rules
from workorders.models import WorkOrder

TITLES = {
    "health_check": "Check the health of the installation",
    "log_rotate": "Rotate the logs",
    "backup": "Back up the database",
    "cost_report": "Add up the costs",
}
OF_THE_INSTALLATION = ("log_rotate", "backup")
"""What touches more than the order's own project."""


def asked_for(order: WorkOrder) -> str | None:
    """The machine work that the order wants and nothing else; None where it brings files or criteria of its own."""
    return None if order.files or order.acceptance else rules.equipment_for(order.message)


def task_of(order: WorkOrder, machine: str, *, after: str) -> engine.TaskSpec:
    """The task that does it."""
    return engine.TaskSpec(key=machine, type=machine, after=(after,), title=TITLES[machine], gate=_gate(order, machine))


def _gate(order: WorkOrder, machine: str) -> engine.Gate | None:
    board = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("pk")
    if machine not in OF_THE_INSTALLATION or board.filter(username=order.requester).exists():
        return None
    names = tuple(board.values_list("username", flat=True)[:100]) or ("board",)
    message = f"{order.requester or 'Somebody'} wants this for the whole installation: {TITLES[machine]}"
    return engine.Gate(message=message, approvers=names, requester=order.requester)
