"""Say what became of an act on the world outside that nobody knows the end of, and nobody is asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nexus import engine
from workorders import audit

from .act import Act, Target
from .forms import Because
from .gates import shown

MAY = "nexus.change_effect"


def find(number: str) -> Target | None:
    """The effect with this number."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    row = engine.effects.select_related("run", "task").filter(pk=int(number)).first()
    if row is None:
        return None
    facts = [(gettext("Order"), row.run.subject), (gettext("Task"), row.task.key), (gettext("Tries"), row.tries)]
    return Target(
        title=row.name, back=reverse("admin:nexus_effect_change", args=[row.pk]), facts=facts,
        parts=[(name, shown(value)) for name, value in row.request.items()], order=row.run.subject,
        project=row.run.tenant, row=row,
    )  # fmt: skip


def _close(*, happened: bool) -> Callable[[Target, HttpRequest, dict[str, Any]], Any]:
    def do(target: Target, request: HttpRequest, said: dict[str, Any]) -> Any:
        who = request.user.get_username()
        engine.close_forsaken(target.row.pk, happened=happened, actor=who, reason=said["reason"])
        _tell(target, who, happened=happened, reason=said["reason"])

    return do


def _tell(target: Target, who: str, *, happened: bool, reason: str) -> None:
    """Its run may have ended, and tells nothing any more: the log does."""
    with transaction.atomic():
        audit.record(
            action="effect.decided", actor=who, channel="board", project=target.project, order=target.order,
            name=target.title, means="it_happened" if happened else "leave_it", reason=reason,
        )  # fmt: skip


def _act(name: str, title: Any, explains: Any, *, happened: bool) -> Act:
    return Act(noun="effect", name=name, title=title, permission=MAY, action="effect.decided", find=find,
               do=_close(happened=happened), form=Because, explains=explains)  # fmt: skip


ACTS = (
    _act("happened", _("It happened"), _("Look outside first. It is never done again."), happened=True),
    _act("undone", _("It did not happen"), _("Look outside first. Nothing is done by this."), happened=False),
)
