"""Intake: a request becomes an order, a run and a first task, or nothing at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing import budgets
from nexus import engine
from nexus.transactions import requires_transaction
from workorders import bounds, criteria, rules, serial
from workorders.models import Project, WorkOrder


@requires_transaction
def accept(
    *,
    message: str,
    project: Project,
    files: Sequence[Mapping[str, str]] = (),
    acceptance: Sequence[str | Mapping[str, str]] = (),
    budget_usd: Decimal | None = None,
    priority: int = 5,
    workflow: str = "",
    channel: str = "api",
    requester: str = "",
) -> WorkOrder:
    """Write the order, its run and its triage task with the caller's transaction; raise OrderInvalid.

    `files` are {"name", "content"}; `acceptance` are lines, or {"kind": "required" | "forbidden", "text"}.
    Nothing is sent from here: the triage task is due from the commit on, whoever rings for it.
    """
    bounds.check_text(message, "/message")
    bounds.check_files(files)
    demands = [criteria.spelled(criterion) for criterion in acceptance]
    bounds.check_criteria(demands)
    bounds.check_choices(priority=priority, workflow=workflow, channel=channel)
    bounds.check_budget(budget_usd)

    # From here to the commit the day's counter is locked: every other check comes before.
    public_id = serial.next_id()
    triage = engine.TaskSpec(
        key="triage", type="triage", input={"role": rules.owner_of("unclear")}, title="Understand the request"
    )
    run = engine.submit(tenant=str(project.pk), subject=public_id, tasks=(triage,), priority=priority)
    if budget_usd is not None:
        budgets.set_limit(kind="order", key=public_id, limit=budget_usd)
    return WorkOrder.objects.create(
        public_id=public_id,
        project=project,
        run_id=run.pk,
        message=message,
        files=[{"name": file["name"], "content": file["content"]} for file in files],
        acceptance=demands,
        budget_usd=budget_usd,
        priority=priority,
        workflow=workflow,
        channel=channel,
        requester=requester[:200],
    )
