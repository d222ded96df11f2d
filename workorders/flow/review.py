"""Review: another role reads the draft with fresh eyes. Pass, revise one step higher, or the Board decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.checks import run
from agents.checks.result import Check, Material, Report
from agents.checks.seal import compare
from nexus import engine
from nexus.transactions import opens_transaction
from workorders import asking, board, contracts, drawing, rules
from workorders.language import language_of
from workorders.models import WorkOrder
from workorders.states import ReviewOutcome

ATTEMPTS = 3
"""Drafts that an order gets before people are asked."""
Facts = dict[str, Any]


def examine(context: engine.Context) -> engine.Outcome:
    """Hold the draft to the checks that were sealed before the work; three drafts in all.

    After the last, the Board decides: take it as it is, let it be done once more, or end the order.
    """
    order = WorkOrder.objects.of_run(context.run_id)
    said = context.decision(board.CHECKPOINT)
    if said is not None:
        return _as_the_board_says(context, order, said)
    checks = _sealed(context)
    report = _report(context, order, checks)
    facts = {**_who(context), "verdict": report.ruling, "reasons": list(report.reasons), "checks": report.as_json()}
    attempt = context.input["attempt"]
    if report.ruling == "pass":
        outcome = ReviewOutcome.SUCCESS if attempt == 1 else ReviewOutcome.ESCALATED
        _note(context, order, facts, outcome)
        return _delivered(context, facts)
    if attempt < ATTEMPTS:
        _note(context, order, facts, ReviewOutcome.OPEN)
        return _again(context, facts)
    _note(context, order, facts, ReviewOutcome.NEEDS_BOARD)
    notice = board.notice(order, facts, chain=_chain(context), draft=_draft(context))
    _tell_the_board(context, notice)
    return engine.Ask(content=notice, gate=board.gate(order, notice))


def _sealed(context: engine.Context) -> list[Check]:
    """The checks of the plan; ChecksChanged where they are not those that were agreed before the work."""
    plan = context.outputs()["plan"]
    told = engine.events.of(context.run_id).filter(kind="order.checks_sealed").last()
    compare(plan["checks"], plan["seal"], context.input["seal"], told.data["seal"] if told else "")
    return list(plan["checks"])


def _report(context: engine.Context, order: WorkOrder, checks: list[Check]) -> Report:
    """What text can show is decided here and costs nothing; only a draft that stands that goes to a judge."""
    text, plan = _draft(context), context.outputs()["plan"]

    def ask(demands: tuple[str, ...]) -> Mapping[str, Any]:
        answer = asking.ask(
            context,
            order=order,
            role=context.input["role"],
            kind="review",
            schema=contracts.REVIEW,
            draft=text,
            criteria=demands,
        )
        return contracts.verdict_from(asking.fields(answer))

    given = (rules.title_of(order.message), plan["summary"], *(section["title"] for section in plan["sections"]))
    material = Material(text=text, request=order.message, given=given, spoken=language_of(order.message))
    return run.check(checks, material, role=context.input["role"], author=context.input["author"], ask=ask)


def _draft(context: engine.Context) -> str:
    return str(context.outputs()[context.input["draft"]]["text"])


def _who(context: engine.Context) -> Facts:
    return {"attempt": context.input["attempt"], "author": context.input["author"], "by": context.input["role"]}


def _chain(context: engine.Context) -> list[str]:
    """The authors of all drafts until now, first to last."""
    reviews = engine.tasks.of(context.run_id).filter(type=context.type, pk__lte=context.task_id).order_by("pk")
    return [str(given["author"]) for given in reviews.values_list("input", flat=True)]


def _delivered(context: engine.Context, facts: Facts) -> engine.Outcome:
    close = engine.TaskSpec(
        key="close", type="close", after=(context.key,), input={"draft": context.input["draft"]},
        title="Store the deliverable",
    )  # fmt: skip
    return engine.Done(output=facts, then=(close,))


def _again(context: engine.Context, facts: Facts) -> engine.Outcome:
    attempt = context.input["attempt"] + 1
    author = rules.above(context.input["author"])
    because = contracts.plain(facts["reasons"][0], 90) if facts["reasons"] else ""
    revise = drawing.revision_after(
        context.key, author=author, attempt=attempt, draft=context.input["draft"], because=because
    )
    review = drawing.review_of(revise.key, author=author, attempt=attempt, seal=context.input["seal"])
    return engine.Done(output=facts, then=(revise, review))


def _as_the_board_says(context: engine.Context, order: WorkOrder, said: engine.Decision) -> engine.Outcome:
    """A rejected draft has ended the run: whoever comes here takes it, or wants one more."""
    facts = {**_who(context), "by": said.by, "reasons": [said.reason] if said.reason else []}
    if said.is_approved:
        facts["verdict"] = "accepted"
        _note(context, order, facts, ReviewOutcome.ACCEPTED)
        return _delivered(context, facts)
    facts |= {"verdict": "fail", "reasons": [*facts["reasons"], *said.content["reasons"]]}
    _note(context, order, facts, ReviewOutcome.OPEN)
    return _again(context, facts)


@opens_transaction
def _note(context: engine.Context, order: WorkOrder, facts: Facts, outcome: ReviewOutcome) -> None:
    """Write what came of this draft, for people and for statistics; once, whoever dies before the task's end."""
    told = {**{name: facts[name] for name in ("attempt", "author", "by", "verdict", "reasons")}, "outcome": outcome}
    feed = engine.events.of(context.run_id).filter(task_id=context.task_id, kind="order.reviewed")
    if (last := feed.last()) is None or last.data != told:
        # The feed locks the run, hold() the task: in this order, as everywhere in the engine.
        engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.reviewed", data=told)
    context.hold()
    WorkOrder.objects.filter(pk=order.pk).update(review_outcome=outcome, drafts=facts["attempt"])


@opens_transaction
def _tell_the_board(context: engine.Context, notice: Facts) -> None:
    """The notice, for whoever listens to the feed; the draft itself stands in the approval."""
    if engine.events.of(context.run_id).filter(task_id=context.task_id, kind="order.needs_board").exists():
        return
    told = {name: value for name, value in notice.items() if name != "draft"}
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.needs_board", data=told)
    context.hold()
