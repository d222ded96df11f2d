"""Decisions at a gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nexus import engine

from .act import Act, Target
from .forms import Decide, DecideBecause, DecideByAnswer

MAY = "nexus.decide_approval"
SHOWN = 20_000


def find(number: str) -> Target | None:
    """The approval with this number."""
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    row = engine.approvals.select_related("run", "task").filter(pk=int(number)).first()
    if row is None:
        return None
    facts = [
        (gettext("Order"), row.run.subject), (gettext("Task"), row.task.title or row.task.key),
        (gettext("Agreed"), f"{row.votes} / {row.quorum}"), (gettext("What is asked"), row.message),
    ]  # fmt: skip
    return Target(
        title=f"{row.run.subject}: {row.task.title or row.task.key}",
        back=reverse("admin:nexus_approval_change", args=[row.pk]), facts=facts,
        parts=[(name, shown(value)) for name, value in row.content.items()], order=row.run.subject,
        project=row.run.tenant, initial={"hash": row.hash}, row=row,
    )  # fmt: skip


def shown(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))[:SHOWN]


def _decide(word: Any) -> Callable[[Target, HttpRequest, dict[str, Any]], Any]:
    def do(target: Target, request: HttpRequest, said: dict[str, Any]) -> Any:
        engine.decide(
            approval_id=target.row.pk, decision=word, actor=request.user.get_username(), hash=said["hash"],
            reason=said["reason"], channel="board",
        )  # fmt: skip

    return do


def _act(word: Any, title: Any, form: type, explains: Any = "", *, is_grave: bool = False) -> Act:
    return Act(noun="approval", name=word, title=title, permission=MAY, action="approval.decided", find=find,
               do=_decide(word), form=form, explains=explains, is_grave=is_grave)  # fmt: skip


ACTS = (
    _act("approve", _("Approve"), Decide, _("It goes on with exactly what is shown here.")),
    _act("revise", _("Send back"), DecideBecause, _("It is done again by your reason, and asked again.")),
    _act("reject", _("Refuse"), DecideBecause, _("What ends with it is what its gate says."), is_grave=True),
    _act("respond", _("Answer"), DecideByAnswer, _("Your words are the result; nothing is done.")),
)
