"""A request to a workflow becomes an order like any other, which begins by reading its conversation."""

from __future__ import annotations

from uuid import uuid4

from django.db.models import QuerySet

from nexus import engine
from nexus.errors import NotThere
from nexus.transactions import requires_transaction
from workorders.errors import OrderGone
from workorders.flow import intake
from workorders.models import Project, WorkOrder
from workorders.offers import Wish

from . import changing
from .errors import WorkflowInvalid
from .models import Chat, Execution, WorkflowDefinition

OPEN = engine.TaskSpec(key="open", type="workflow.open", title="Read the conversation")


def published(project: Project) -> list[str]:
    """The workflows of a project, by name."""
    return list(WorkflowDefinition.objects.filter(project=project).order_by("key").values_list("key", flat=True))


def offered(*, project: Project, name: str, text: str, wish: Wish) -> WorkOrder:
    """A request that came in by another door: it waits for what is away, as orders do."""
    return begin(project=project, name=name, text=text, wish=wish)


@requires_transaction
def begin(
    *,
    project: Project,
    name: str,
    text: str,
    wish: Wish,
    patient: bool = True,
    request_id: str = "",
    anew: bool = False,
) -> WorkOrder:
    """Write the order with the workflow as it is now, in the caller's transaction. Raise NotThere, WorkflowInvalid.

    Not `patient`, a model that is away or a broken contract ends it at once; else it waits, for time or for people.
    """
    row = find(project, name)
    order = intake.accept(
        message=text, project=project, workflow=name, first=(OPEN,), on_failure="block" if patient else "fail",
        channel=wish.channel, requester=wish.requester, budget_usd=wish.budget_usd, priority=wish.priority,
    )  # fmt: skip
    chat_id = f"{project.pk}:{wish.conversation or order.public_id}"[:160]
    known = Chat.objects.filter(chat_id=chat_id).values_list("cached_state", flat=True).first() or {}
    Execution.objects.create(
        order=order, project=project, workflow=row.key, version=row.version, definition=snapshot(row),
        request_id=request_id[:64], chat_id=chat_id, patient=patient, anew=anew,
        session_id=known.get("session_id") or f"sess-{uuid4()}",
    )  # fmt: skip
    return order


def find(project: Project, name: str) -> WorkflowDefinition:
    """The workflow of that name; raise NotThere."""
    row = WorkflowDefinition.objects.filter(project=project, key=name).first()
    if row is None:
        raise NotThere("There is no such workflow", workflow=name[:100])
    return row


def snapshot(row: WorkflowDefinition) -> dict[str, object]:
    """The workflow and its stages as they are now; raise WorkflowInvalid where a stage was taken away meanwhile."""
    stages = changing.stages_of(row.project, row.body)
    missing = sorted({step["stage"] for step in row.body["stages"]} - set(stages))
    if missing:
        raise WorkflowInvalid(f"There are no stages {', '.join(missing)}", pointer="/stages", missing_stages=missing)
    return {"workflow": row.body, "stages": stages}


def of_run(run_id: int) -> Execution:
    """What this run began with, with its order; raise OrderGone."""
    rows: QuerySet[Execution] = Execution.objects.filter(order__run_id=run_id).select_related("order", "project")
    found = rows.first()
    if found is None:
        raise OrderGone(run_id=run_id)
    return found
