"""Plan: the owner says how the work is cut; the cut becomes a graph, written with this task's own end."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from typing import cast

from nexus import engine
from nexus.errors import NexusError
from nexus.transactions import opens_transaction
from workorders import asking, contracts, drawing, limits, quoting
from workorders.contracts import Difficulty, Plan
from workorders.errors import PlanInvalid
from workorders.models import WorkOrder
from workorders.quoting import Quote

log = logging.getLogger(__name__)


def draw_up(context: engine.Context) -> engine.Outcome:
    """Ask the owner for a plan, draw it as tasks, check the drawing, and write it as this task ends.

    A plan that cannot be drawn is returned once with the reason; a second one like it is refused.
    """
    order = WorkOrder.objects.of_run(context.run_id)
    try:
        plan, graph = _drawn(context, order, step=1)
    except PlanInvalid as refusal:
        plan, graph = _drawn(context, order, step=2, feedback=(str(refusal),))
    _quote(context, order, plan)
    first = replace(graph[0], after=(context.key,))
    return engine.Done(output={**asdict(plan), "tasks": [spec.key for spec in graph]}, then=(first, *graph[1:]))


def _quote(context: engine.Context, order: WorkOrder, plan: Plan) -> None:
    """Keep what the order is expected to cost, and cap it there where that was asked for."""
    if order.quote is not None:
        return  # an execution that died after this
    try:
        difficulty = cast(Difficulty, order.difficulty)
        found = quoting.quote(intent=order.intent, difficulty=difficulty, sections=len(plan.sections))
    except NexusError as unknown:
        log.warning("order=%s is not quoted: %s", order.public_id, unknown)
        return
    _keep(context, order, found)


@opens_transaction
def _keep(context: engine.Context, order: WorkOrder, found: Quote) -> None:
    # The feed locks the run, hold() the task, a limit its budget: in this order, as everywhere in the engine.
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.quoted", data=found.wire())
    context.hold()
    WorkOrder.objects.filter(pk=order.pk).update(quote=found.wire())
    if order.cap_at_quote and found.p90 and (order.budget_usd is None or found.p90 < order.budget_usd):
        limits.change_of_order(order.public_id, limit=found.p90, actor="", reason="Capped at its quote")


def _drawn(
    context: engine.Context, order: WorkOrder, *, step: int, feedback: tuple[str, ...] = ()
) -> tuple[Plan, tuple[engine.TaskSpec, ...]]:
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="plan",
        schema=contracts.PLAN,
        step=step,
        criteria=(*order.acceptance, *order.requirements),
        feedback=feedback,
    )
    plan = contracts.plan_from(asking.fields(answer))
    graph = drawing.draw(plan, difficulty=cast(Difficulty, order.difficulty), owner_role=context.input["role"])
    drawing.check(graph)
    return plan, graph
