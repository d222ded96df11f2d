"""Plan: the owner says how the work is cut; the cut becomes a graph, written with this task's own end.

What the result will be held to is fixed here, before anybody works, and sealed: the hash stands in the plan, in the
review's own input and in the feed. Review compares all of them.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from typing import cast

from agents.checks.result import Check
from agents.checks.seal import seal
from nexus import engine
from nexus.errors import NexusError
from nexus.transactions import opens_transaction
from workorders import asking, contracts, criteria, drawing, limits, quoting
from workorders.contracts import Difficulty, Plan
from workorders.errors import PlanInvalid
from workorders.models import WorkOrder
from workorders.quoting import Quote

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A plan that can be carried out."""

    plan: Plan
    checks: tuple[Check, ...]
    graph: tuple[engine.TaskSpec, ...]


def draw_up(context: engine.Context) -> engine.Outcome:
    """Ask the owner for a plan, draw it as tasks, check the drawing, and write it as this task ends.

    A plan that cannot be drawn is returned once with the reason; a second one like it is refused.
    """
    order = WorkOrder.objects.of_run(context.run_id)
    try:
        drawn = _drawn(context, order, step=1)
    except PlanInvalid as refusal:
        drawn = _drawn(context, order, step=2, feedback=(str(refusal),))
    sealed = seal(drawn.checks)
    _note(context, sealed, drawn.checks)
    _quote(context, order, drawn.plan)
    first = replace(drawn.graph[0], after=(context.key,))
    facts = {"checks": [dict(check) for check in drawn.checks], "seal": sealed}
    tasks = [spec.key for spec in drawn.graph]
    return engine.Done(output={**asdict(drawn.plan), **facts, "tasks": tasks}, then=(first, *drawn.graph[1:]))


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


def _drawn(context: engine.Context, order: WorkOrder, *, step: int, feedback: tuple[str, ...] = ()) -> Drawn:
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="plan",
        schema=contracts.PLAN,
        step=step,
        criteria=criteria.lines((*order.acceptance, *order.requirements)),
        feedback=feedback,
    )
    plan = contracts.plan_from(asking.fields(answer))
    checks = criteria.agreed(
        message=order.message,
        intent=order.intent,
        difficulty=order.difficulty,
        request=order.acceptance,
        triage=order.requirements,
        plan=(*plan.acceptance, *plan.checks),
    )
    difficulty = cast(Difficulty, order.difficulty)
    graph = drawing.draw(plan, difficulty=difficulty, owner_role=context.input["role"], seal=seal(checks))
    drawing.check(graph)
    return Drawn(plan=plan, checks=checks, graph=graph)


@opens_transaction
def _note(context: engine.Context, sealed: str, checks: tuple[Check, ...]) -> None:
    """Write the seal into the feed, once: a worker may die after this commit and before the task's end."""
    feed = engine.events.of(context.run_id).filter(task_id=context.task_id, kind="order.checks_sealed")
    if (last := feed.last()) is not None and last.data["seal"] == sealed:
        return
    kinds = sorted({str(check["kind"]) for check in checks})
    facts = {"seal": sealed, "checks": len(checks), "kinds": kinds}
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.checks_sealed", data=facts)
    context.hold()
