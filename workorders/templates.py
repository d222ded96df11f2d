"""An order that is filed later: its fields as JSON, kept by schedules and inlets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from nexus.transactions import requires_transaction

from . import bounds, criteria, offers
from .flow import intake
from .models import Project, WorkOrder

FIELDS = ("message", "files", "acceptance", "budget_usd", "cap_at_quote", "tools", "priority", "workflow")


def kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are given, as JSON; raise OrderInvalid for what would be refused whenever it is filed."""
    found = {name: given[name] for name in FIELDS if given.get(name) is not None}
    if isinstance(found.get("budget_usd"), Decimal):
        found["budget_usd"] = str(found["budget_usd"])
    found["acceptance"] = [criteria.kept(one) for one in found.get("acceptance", ())]
    found["files"] = [dict(file) for file in found.get("files", ())]
    _checked(found)
    return found


@requires_transaction
def file(
    template: Mapping[str, Any],
    *,
    project: Project,
    requester: str,
    channel: str,
    message: str | None = None,
    files: Sequence[Mapping[str, str]] = (),
) -> WorkOrder:
    """File it now, in the caller's transaction; `message` stands in for its own, `files` come besides.

    Raise OrderInvalid, NotOffered.
    """
    text = str(template["message"]) if message is None else message
    budget = template.get("budget_usd")
    amount = None if budget is None else Decimal(str(budget))
    name = str(template.get("workflow", ""))
    if name not in bounds.WORKFLOWS:
        return offers.file(
            project=project, name=name, text=_with(text, files), requester=requester, channel=channel,
            budget_usd=amount, priority=int(template.get("priority", 5)),
        )  # fmt: skip
    return intake.accept(
        message=text, project=project, files=[*template.get("files", ()), *files],
        acceptance=template.get("acceptance", ()), budget_usd=amount,
        cap_at_quote=bool(template.get("cap_at_quote")), tools=template.get("tools", ()),
        priority=int(template.get("priority", 5)), workflow=name, channel=channel, requester=requester,
    )  # fmt: skip


def _with(text: str, files: Sequence[Mapping[str, str]]) -> str:
    """What is offered takes words alone."""
    return "\n\n".join([text, *(f"{file['name']}:\n{file['content']}" for file in files)])


def _checked(found: Mapping[str, Any]) -> None:
    bounds.check_text(found.get("message", ""), "/message")
    bounds.check_files(found["files"])
    bounds.check_tools(found.get("tools", ()))
    bounds.check_criteria(found["acceptance"])
