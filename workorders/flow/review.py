"""Review: another role reads the draft with fresh eyes. Pass, revise one step higher, or the Board decides."""

from __future__ import annotations

from typing import Any

from nexus import engine
from workorders import asking, contracts, criteria, drawing, rules
from workorders.contracts import Verdict
from workorders.language import language_of
from workorders.models import WorkOrder

ATTEMPTS = 3
"""Drafts that an order gets before people are asked."""
NEEDS_BOARD = "needs_board"


def examine(context: engine.Context) -> engine.Outcome:
    """Judge the draft against the order's criteria and the plan's; what is not a pass is revised, three drafts in all.

    After the last, the task parks for the Board: releasing it accepts the draft as it is.
    """
    order = WorkOrder.objects.of_run(context.run_id)
    draft = context.input["draft"]
    released = _released_by_the_board(context)
    if released is not None:
        return _delivered(context, draft, {"verdict": "accepted", "reasons": [], "by": released.get("actor", "")})
    verdict = _judged(context, order, context.parents()[draft]["text"])
    facts = {"verdict": verdict.ruling, "reasons": list(verdict.reasons)}
    if verdict.ruling == "pass":
        return _delivered(context, draft, facts)
    if context.input["attempt"] >= ATTEMPTS:
        return engine.Park(code=NEEDS_BOARD, message=_plea(verdict), detail=facts)
    return _again(context, draft, facts)


def _judged(context: engine.Context, order: WorkOrder, text: str) -> Verdict:
    """What text can show is checked here and costs nothing; only a draft that stands that goes to a judge."""
    demands = context.outputs()["gather"]["criteria"]
    broken = criteria.broken(demands, text, language_of(order.message))
    if broken:
        return Verdict(ruling="fail", reasons=broken)
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="review",
        schema=contracts.REVIEW,
        draft=text,
        criteria=criteria.for_the_judge(demands),
    )
    return contracts.verdict_from(asking.fields(answer))


def _delivered(context: engine.Context, draft: str, facts: dict[str, Any]) -> engine.Outcome:
    close = engine.TaskSpec(
        key="close", type="close", after=(context.key,), input={"draft": draft}, title="Store the deliverable"
    )
    return engine.Done(output=facts, then=(close,))


def _again(context: engine.Context, draft: str, facts: dict[str, Any]) -> engine.Outcome:
    attempt = context.input["attempt"] + 1
    author = rules.above(context.input["author"])
    revise = drawing.revision_after(context.key, author=author, attempt=attempt, draft=draft)
    return engine.Done(output=facts, then=(revise, drawing.review_of(revise.key, author=author, attempt=attempt)))


def _plea(verdict: Verdict) -> str:
    reasons = "; ".join(verdict.reasons) or "the reviewer could not decide"
    choice = "Release this task to accept the last one, or cancel the order"
    return f"{ATTEMPTS} drafts did not pass review ({reasons}). {choice}"


def _released_by_the_board(context: engine.Context) -> dict[str, Any] | None:
    """What people said when they released this task after it asked for them; None if they were not asked."""
    feed = engine.events.of(context.run_id).filter(task_id=context.task_id)
    asked = feed.filter(kind="task.parked").last()
    # The same task may have parked for a budget before: raising that one accepts nothing.
    if asked is None or asked.data.get("wait", {}).get("code") != NEEDS_BOARD:
        return None
    answered = feed.filter(kind="task.unparked").after(asked.seq).last()
    return answered.data if answered else None
