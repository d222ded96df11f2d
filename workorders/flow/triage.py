"""Triage: what the request is, how hard, and whose. An unclear one is asked back; nothing is executed for it."""

from __future__ import annotations

from dataclasses import asdict, replace

from agents.errors import AnswerInvalid
from nexus import engine
from nexus.transactions import opens_transaction
from workorders import asking, attached, contracts, conversation, equipment, rules
from workorders.contracts import Triage
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK


def assess(context: engine.Context) -> engine.Outcome:
    """Store what the request is and go on to planning; where it is unclear, store a question and park."""
    order = WorkOrder.objects.of_run(context.run_id)
    attached.listen(context, order)
    if machine := equipment.asked_for(order):
        return _by_machine(context, order, machine)
    found, by = _found(context, order)
    if found.difficulty == "unclear":
        question = found.clarification_question or rules.question_for(order.message)
        _ask_back(context, order, question)
        return engine.Park(code=ASKS_BACK, message=question)
    owner = rules.owner_of(found.difficulty)
    _note(context, order, found, owner=owner)
    plan = engine.TaskSpec(
        key="plan", type="plan", after=(context.key,), input={"role": owner}, title="Draw up the plan"
    )
    facts = {**asdict(found), "owner_role": owner, "by": by, "equipment": None}
    return engine.Done(output=facts, then=(plan,))


def _by_machine(context: engine.Context, order: WorkOrder, machine: str) -> engine.Outcome:
    """No model, no plan, no review: one task that does it, and the report stored."""
    owner = rules.owner_of("unclear")
    found = replace(rules.judge(order.message), intent="ops", difficulty="trivial", qa_requirements=())
    found = replace(found, clarification_question="")
    _note(context, order, found, owner=owner)
    work = equipment.task_of(order, machine, after=context.key)
    close = engine.TaskSpec(
        key="close", type="close", after=(work.key,), input={"draft": work.key}, title="Store the deliverable"
    )
    facts = {**asdict(found), "owner_role": owner, "by": "rules", "equipment": machine}
    return engine.Done(output=facts, then=(work, close))


def _found(context: engine.Context, order: WorkOrder) -> tuple[Triage, str]:
    """What the request is, and who says so: "model" or "rules"."""
    ruled = rules.judge(order.message)
    # No model is needed to see that "hi" says nothing. Once a person has answered, the words that
    # sounded unsure are still in the message; then the model has the say.
    if ruled.difficulty == "unclear" and not _was_released(context):
        return ruled, "rules"
    try:
        answer = asking.ask(
            context, order=order, role=context.input["role"], kind="triage", schema=contracts.TRIAGE, sees=True,
            inputs=conversation.before(order),
        )  # fmt: skip
    except AnswerInvalid:
        # The provider answered, and not with what was asked for: the rules can stand in for that.
        # One that does not answer at all gives the task back; it is no reason to judge worse.
        return ruled, "rules"
    return _grounded(contracts.triage_from(asking.fields(answer)), ruled, order), "model"


def _grounded(said: Triage, ruled: Triage, order: WorkOrder) -> Triage:
    """The model's answer, held to the request: no files that nobody named, no empty brief or requirements."""
    given = [file["name"] for file in order.files]
    real = [file for file in said.relevant_files if file in order.message]
    return replace(
        said,
        brief=said.brief or ruled.brief,
        relevant_files=rules.merged(given, ruled.relevant_files, real),
        qa_requirements=said.qa_requirements or ruled.qa_requirements,
    )


def _was_released(context: engine.Context) -> bool:
    feed = engine.events.of(context.run_id)
    return feed.filter(task_id=context.task_id, kind="task.unparked").exists()


@opens_transaction
def _note(context: engine.Context, order: WorkOrder, found: Triage, *, owner: str) -> None:
    facts = {"intent": found.intent, "difficulty": found.difficulty, "owner_role": owner}
    # The feed locks the run, hold() the task: in this order, as everywhere in the engine.
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.triaged", data=facts)
    context.hold()
    WorkOrder.objects.filter(pk=order.pk).update(
        **facts,
        brief=found.brief,
        relevant_files=list(found.relevant_files),
        requirements=list(found.qa_requirements),
    )


@opens_transaction
def _ask_back(context: engine.Context, order: WorkOrder, question: str) -> None:
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind="order.asked_back", data={"question": question})
    context.hold()
    WorkOrder.objects.filter(pk=order.pk).update(
        question=question, difficulty="unclear", owner_role=rules.owner_of("unclear")
    )
