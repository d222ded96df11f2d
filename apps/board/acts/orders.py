"""What is done to an order as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.board import words
from nexus import engine
from workorders.flow import clarify, decide, escalate
from workorders.models import WorkOrder
from workorders.states import FINAL

from .act import Act, Target
from .forms import Answer, Because, Why

MAY = "workorders.change_workorder"


def find(public_id: str) -> Target | None:
    """The order of this id."""
    row: Any = WorkOrder.objects.named(public_id).with_status().select_related("project", "run").first()
    if row is None:
        return None
    facts = [
        (gettext("Status"), words.WORDS.get(row.status, row.status)), (gettext("Project"), row.project.name),
        (gettext("Owner"), row.owner_role or "–"), (gettext("Requester"), row.requester or "–"),
    ]  # fmt: skip
    return Target(
        title=row.public_id, back=reverse("admin:workorders_workorder_change", args=[row.pk]), facts=facts,
        text=row.question or row.message, order=row.public_id, project=str(row.project_id), row=row,
    )  # fmt: skip


def _by_run(door: Callable[..., Any]) -> Callable[[Target, HttpRequest, dict[str, Any]], Any]:
    def do(target: Target, request: HttpRequest, said: dict[str, Any]) -> Any:
        door(run_id=target.row.run_id, actor=request.user.get_username(), reason=said["reason"])

    return do


def _escalate(target: Target, request: HttpRequest, said: dict[str, Any]) -> str:
    to = escalate.escalate(run_id=target.row.run_id, actor=request.user.get_username(), reason=said["reason"])
    return gettext("It is with: %(role)s") % {"role": words.WORDS.get(to, to)}


def _respond(target: Target, request: HttpRequest, said: dict[str, Any]) -> None:
    clarify.answer(order=target.row, text=said["reason"], actor=request.user.get_username())


def _act(name: str, title: Any, action: str, do: Any, explains: Any, **more: Any) -> Act:
    return Act(noun="order", name=name, title=title, permission=MAY, action=action, find=find, do=do,
               explains=explains, **more)  # fmt: skip


ACTS = (
    _act("respond", _("Answer"), "task.unparked", _respond,
         _("The answer is added to the request, and it is looked at again."), form=Answer),
    _act("requeue", _("Drive again"), "task.redriven", _by_run(decide.redrive),
         _("Dead tasks get all their attempts again; what is completed stays completed."), form=Why),
    _act("release", _("Let go on"), "task.unparked", _by_run(decide.release),
         _("What waits for a decision is tried again; budgets are asked again."), form=Why),
    _act("escalate", _("Escalate"), "order.escalated", _escalate,
         _("What is not done yet goes to the next role: intern, director, ceo. Above the last it is held for the "
           "Board."), form=Because),
    _act("pause", _("Pause"), "run.paused", _by_run(engine.pause),
         _("Nothing new of it begins, and nothing is dropped."), form=Why),
    _act("resume", _("Resume"), "run.resumed", _by_run(engine.resume),
         _("It goes on where it was."), form=Why),
    _act("cancel", _("Cancel the order"), "run.cancel_requested", _by_run(engine.cancel),
         _("It ends for good. What was spent stays spent."), form=Because, is_grave=True),
)  # fmt: skip


def open_to(status: str, tasks: set[str], *, asks: bool) -> list[str]:
    """The names of the acts that make sense for an order in this status, with tasks in these states."""
    if status in FINAL:
        return []
    found = ["resume"] if status == "paused" else ["pause"]
    if "failed" in tasks:
        found.insert(0, "requeue")
    if asks:
        found.insert(0, "respond")
    elif "waiting_approval" in tasks:
        found.insert(0, "release")
    return [*found, "escalate", "cancel"]
