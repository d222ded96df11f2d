"""Intake: a request becomes an order, a run and a first task, or nothing at all. Many at once cost little more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from agents.attachments import keeping
from billing import budgets
from nexus import engine
from nexus.transactions import requires_transaction
from workorders import bounds, criteria, rules, writing
from workorders.models import Project, WorkOrder

TRIAGE = engine.TaskSpec(
    key="triage", type="triage", input={"role": rules.owner_of("unclear")}, title="Understand the request"
)
"""The first task of every order that draws up a plan of its own."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request within its bounds: one that is not cannot be made, and raises OrderInvalid with a pointer."""

    message: str
    project: Project
    files: Sequence[Mapping[str, str]] = ()
    """Each {"name", "content"}."""
    attachments: Sequence[str] = ()
    """Ids of files that the project has."""
    acceptance: Sequence[criteria.Criterion] = ()
    """Lines, or checks."""
    budget_usd: Decimal | None = None
    cap_at_quote: bool = False
    """Once its plan is drawn up, it may cost what nine of ten orders like it cost, and no more."""
    tools: Sequence[str] = ()
    """What its agents may use beside what their roles do: names, or beginnings with a star."""
    priority: int = 5
    workflow: str = ""
    channel: str = "api"
    requester: str = ""
    first: Sequence[engine.TaskSpec] = (TRIAGE,)
    """What its run begins with. An application that carries orders out in its own way names tasks of its own."""
    on_failure: Literal["block", "fail"] = "block"
    """As a run has it: what cannot be done waits for a person, or ends the order."""
    demands: Sequence[str | dict[str, Any]] = field(init=False)
    """`acceptance` as an order keeps it."""

    def __post_init__(self) -> None:
        """Check everything that can be told without the database."""
        demands = [criteria.kept(criterion) for criterion in self.acceptance]
        object.__setattr__(self, "demands", demands)
        bounds.check_text(self.message, "/message")
        bounds.check_files(self.files)
        bounds.check_tools(self.tools)
        bounds.check_attachments(self.attachments)
        bounds.check_criteria(demands)
        # A workflow of an application is known to it, not here.
        named = self.workflow if self.first == (TRIAGE,) else ""
        bounds.check_choices(priority=self.priority, workflow=named, channel=self.channel)
        bounds.check_budget(self.budget_usd)


@requires_transaction
def accept(**asked: Any) -> WorkOrder:
    """Write one order with the caller's transaction; `asked` are the fields of Asked. Raise what accept_many raises."""
    return accept_many([Asked(**asked)])[0]


@requires_transaction
def accept_many(asked: Sequence[Asked]) -> list[WorkOrder]:
    """Write orders, their runs and their first tasks with the caller's transaction: all of them or none.

    Raise UnknownAttachment for the first that names a file which its project does not have.

    Nothing is sent from here: the first tasks are due from the commit on, whoever rings for them. Each order comes
    back with its run and its project, as they were written.
    """
    for one in asked:
        if one.attachments:
            keeping.of_project(str(one.project.pk), one.attachments)
    orders = writing.write(
        [
            writing.New(project=one.project, columns=_columns(one), tasks=one.first, on_failure=one.on_failure)
            for one in asked
        ]
    )
    for order in orders:
        if order.budget_usd is not None:
            budgets.set_limit(kind="order", key=order.public_id, limit=order.budget_usd)
    return orders


def _columns(asked: Asked) -> dict[str, Any]:
    return {
        "message": asked.message,
        "files": [{"name": file["name"], "content": file["content"]} for file in asked.files],
        "attachments": list(asked.attachments),
        "acceptance": list(asked.demands),
        "tools": list(asked.tools),
        "budget_usd": asked.budget_usd,
        "cap_at_quote": asked.cap_at_quote,
        "priority": asked.priority,
        "workflow": asked.workflow,
        "channel": asked.channel,
        "requester": asked.requester[:200],
    }
