"""Plan: the owner says how the work is cut; the cut becomes a graph, written with this task's own end."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import cast

from nexus import engine
from workorders import asking, contracts, drawing
from workorders.contracts import Difficulty, Plan
from workorders.errors import PlanInvalid
from workorders.models import WorkOrder


def draw_up(context: engine.Context) -> engine.Outcome:
    """Ask the owner for a plan, draw it as tasks, check the drawing, and write it as this task ends.

    A plan that cannot be drawn is returned once with the reason; a second one like it is refused.
    """
    order = WorkOrder.objects.of_run(context.run_id)
    try:
        plan, graph = _drawn(context, order, step=1)
    except PlanInvalid as refusal:
        plan, graph = _drawn(context, order, step=2, feedback=(str(refusal),))
    first = replace(graph[0], after=(context.key,))
    return engine.Done(output={**asdict(plan), "tasks": [spec.key for spec in graph]}, then=(first, *graph[1:]))


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
