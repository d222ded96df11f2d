"""The first task of a workflow's order: what was said before, what is known; nothing begins where either is missing."""

from __future__ import annotations

from typing import Any

from nexus import engine

from . import knowledge, memory, slots, starting, telemetry
from .models import Chat, Execution

BLANK: dict[str, Any] = {
    "session_id": None, "response_id": None, "user_prompt": None, "inquiry": None, "stages": {}, "nextStep": None,
    "guard": {"violations": 0, "locked_until": None}, "latest_response_id": None,
}  # fmt: skip
"""cached_state before anything was said."""


def open_session(context: engine.Context) -> engine.Outcome:
    """Read the conversation and check the knowledge; go on with the first stage.

    Raise RedisUnavailable and KnowledgeMissing: until then no model was asked.
    """
    execution = starting.of_run(context.run_id)
    workflow = execution.definition["workflow"]
    known = knowledge.required(project=execution.project, workflow=execution.workflow, needs=workflow["knowledge"])
    checksum = known.checksum if known else ""
    entries = _recalled(context, execution)
    if known and workflow["needs_context"]:
        place = f"{execution.project_id}/{execution.workflow}"
        if memory.knowledge_copied(place) != checksum:
            memory.copy_knowledge(place, knowledge.wire(known))
    said = slots.normalized(execution.order.message)
    if said != execution.order.message:
        telemetry.tell(context, execution, telemetry.GUARD, guard="inbound", action="normalized", violations=0)
    first = task_of(execution, workflow["stages"][0]["stage"], after=context.key)
    output = {"entries": entries, "state": _state(execution), "knowledge": checksum, "user_prompt": said}
    return engine.Done(output=output, then=(first,))


def task_of(execution: Execution, stage: str, *, after: str) -> engine.TaskSpec:
    """The task of one stage."""
    body = execution.definition["stages"][stage]
    given: dict[str, Any] = {"stage": stage}
    if body["calls_model"]:
        given["role"] = body["role"]
    return engine.TaskSpec(key=stage, type="workflow.stage", after=(after,), input=given, title=body["title"] or stage)


def _recalled(context: engine.Context, execution: Execution) -> list[memory.Entry]:
    if execution.anew:
        telemetry.tell(context, execution, telemetry.CACHE, op="reset", key=memory.key_of(execution.chat_id))
        return []
    if not execution.definition["workflow"]["needs_context"]:
        return memory.last_entries(execution.chat_id)
    memory.is_there()
    entries, hit = memory.recall(execution.chat_id)
    telemetry.tell(
        context, execution, telemetry.CACHE, op="load", key=memory.key_of(execution.chat_id), hit=hit,
        entries=len(entries),
    )  # fmt: skip
    return entries


def _state(execution: Execution) -> dict[str, Any]:
    kept = None if execution.anew else Chat.objects.filter(chat_id=execution.chat_id).first()
    return {**blank(execution), **(kept.cached_state if kept else {})}


def blank(execution: Execution) -> dict[str, Any]:
    """cached_state of a conversation that begins."""
    return {**BLANK, "session_id": execution.session_id}
