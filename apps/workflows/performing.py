"""One stage: its prompt filled, its tools used, its model asked, its answer held to the contract; then the next stage.

Nothing of a conversation's state is written here. A stage that fails has changed nothing; what the stages of an order
have merged is written together, when the session ends.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from agents import calls, prompts, summaries, tokens
from agents.contracts import CallSummary
from agents.errors import AnswerInvalid, ModelBusy, ModelRefused, ModelResting, ProviderError
from billing import money
from nexus import engine
from nexus.errors import TimedOut

from . import contract, graph, knowledge, slots, starting, telemetry, tooling
from .contract import Broken
from .errors import StageInvalid, StageToolNotFound
from .merging import merged, slice_of
from .models import Execution, KnowledgeSnapshot
from .opening import task_of
from .shapes import END
from .slots import Moment

ANSWERS_FROM = 10_000
"""The step of a stage's answer. Before it come the turns that it takes with its tools."""
AWAY = (ProviderError, ModelBusy, ModelResting, ModelRefused, TimedOut)
"""What whoever waits at the door is told, instead of being let to wait."""
RETRY_AFTER = 10
CLOSE = "close"
ASKED = "Answer with one JSON object that keeps the contract of this stage, and nothing else."


@dataclass(kw_only=True)
class Stage:
    """A stage that is being carried out."""

    context: engine.Context
    execution: Execution
    name: str
    moment: Moment
    persona: str
    began: float = field(default_factory=time.monotonic)
    asked_for: float = 0.0
    """Seconds in which a model was asked."""
    replayed: bool = False
    annotations: list[str] = field(default_factory=list)

    @property
    def body(self) -> dict[str, Any]:
        """Its definition."""
        found: dict[str, Any] = self.execution.definition["stages"][self.name]
        return found

    @property
    def routes(self) -> dict[str, list[dict[str, Any]]]:
        """Where stages may lead."""
        return graph.routes_of(self.execution.definition["workflow"])

    @property
    def asked(self) -> dict[str, Any]:
        """Its contract, as it is at this moment."""
        fixed = {
            "stage": self.name, "session_id": self.moment.state["session_id"],
            "response_id": self.moment.directive["response_id"],
        }  # fmt: skip
        return contract.of_moment(
            self.body["contract"], self.body["rules"], fixed=fixed, steps=graph.allowed(self.routes, self.name),
            known=self.known,
        )  # fmt: skip

    @property
    def known(self) -> dict[str, frozenset[str]]:
        """What answers may name."""
        return knowledge.names(self.moment.knowledge)

    def tell(self, kind: str, **facts: Any) -> None:
        """An event about it."""
        telemetry.tell(self.context, self.execution, kind, stage=self.name, **facts)


def perform(context: engine.Context) -> engine.Outcome:
    """Carry out the stage that the input names; what it leads to is written with its own end."""
    stage = _stage(context)
    prompt = _prompt(stage)
    _tell_start(stage, prompt)
    try:
        answer = _answer(stage, prompt) if stage.body["calls_model"] else {"stage": stage.name, "stageStatus": "ok"}
        step = graph.next_step(stage.routes, stage.name, answer)
        if isinstance(step, Broken):
            raise _invalid(stage, step, answer)
    except StageInvalid as invalid:
        return engine.Refused(code=invalid.code, message=str(invalid))
    except StageToolNotFound as missing:
        _tell_end(stage, error=missing.code, missing_tool_id=missing.facts["missing_tool_id"])
        return engine.Refused(code=missing.code, message=str(missing))
    except AWAY as away:
        after = away.retry_after or RETRY_AFTER
        _tell_end(stage, error=away.code, retry_after=after)
        if stage.execution.patient:
            raise
        return engine.Refused(code=away.code, message=str(away))
    kept = slice_of(answer, stage.body["saves"])
    before = stage.moment.state.get("stages", {}).get(stage.name)
    _tell_end(stage, answer=answer, state_diff={"old": before, "new": kept})
    following = _close(context) if step == END else task_of(stage.execution, step, after=context.key)
    output = {
        "data": answer, "slice": kept, "next": step, "response_id": stage.moment.directive["response_id"],
        "violations": len(stage.annotations),
    }  # fmt: skip
    return engine.Done(output=output, then=(following,))


def _stage(context: engine.Context) -> Stage:
    execution = starting.of_run(context.run_id)
    name = context.input["stage"]
    outputs = context.outputs()
    opened = outputs["open"]
    before = [step["stage"] for step in execution.definition["workflow"]["stages"] if step["stage"] in outputs]
    state = dict(opened["state"])
    for other in before:
        state = merged(state, other, outputs[other], user_prompt=opened["user_prompt"])
    row = KnowledgeSnapshot.objects.filter(project=execution.project, workflow=execution.workflow).first()
    moment = Moment(
        user_prompt=opened["user_prompt"], entries=opened["entries"], state=state,
        directive={
            "stage": name, "response_id": f"resp-{uuid5(NAMESPACE_URL, f'{context.subject}/{name}')}",
            "next_steps": graph.allowed(graph.routes_of(execution.definition["workflow"]), name),
        },
        knowledge=row.payload if row else {}, outputs={other: outputs[other]["data"] for other in before},
        request_id=execution.request_id, workflow=execution.workflow,
    )  # fmt: skip
    personas = [
        slots.filled(body["prompt"], moment)
        for other in before
        if not (body := execution.definition["stages"][other])["calls_model"]
    ]
    return Stage(
        context=context, execution=execution, name=name, moment=moment,
        persona="\n\n".join(part for part in personas if part.strip()),
    )  # fmt: skip


def _prompt(stage: Stage) -> str:
    body = slots.filled(stage.body["prompt"], stage.moment)
    return prompts.compose("stage", instruction=f"{body}\n\n{ASKED}") if stage.body["calls_model"] else body


def _answer(stage: Stage, prompt: str) -> dict[str, Any]:
    """The model's answer, which keeps the contract; raise StageInvalid when it does not, after all its repairs."""
    if stage.body["tools"]:
        found = _timed(stage, lambda: tooling.gather(stage.context, stage.body, prompt, system=stage.persona))
        prompt += f"\n\n{prompts.quoted('What the tools have found', found)}"
    asked, note = stage.asked, ""
    for attempt in range(stage.body["repair_attempts"] + 1):
        data, broken = _asked_once(stage, prompt + note, asked, step=ANSWERS_FROM + attempt)
        if broken is None:
            return dict(data)
        left = stage.body["repair_attempts"] - attempt
        if not left:
            raise _invalid(stage, broken, data)
        stage.annotations.append(f"attempt {attempt + 1}: {broken.path}: {broken.reason}")
        stage.tell(
            telemetry.GUARD, guard="contract", action="repair", path=broken.path, reason=broken.reason, left=left
        )
        note = f"\n\nYour last answer broke the contract at {broken.path}: {broken.reason}. Answer again, whole."
    raise AssertionError("the last attempt returns or raises")


def _asked_once(stage: Stage, prompt: str, asked: dict[str, Any], *, step: int) -> tuple[Any, Broken | None]:
    try:
        answer = _timed(
            stage,
            lambda: calls.call(
                stage.context, role=stage.body["role"], step=step, system=stage.persona, prompt=prompt, schema=asked,
                max_tokens=stage.body["max_tokens"], aloud=False, repairs=0,
            ),
        )  # fmt: skip
    except AnswerInvalid as invalid:
        return invalid.facts.get("said", ""), Broken(path=str(invalid.facts.get("path", "$")), reason=str(invalid))
    stage.replayed = answer.replayed
    return answer.data, contract.first_break(asked, stage.body["rules"], answer.data, known=stage.known)


def _timed(stage: Stage, act: Any) -> Any:
    began = time.monotonic()
    try:
        return act()
    finally:
        stage.asked_for += time.monotonic() - began


def _invalid(stage: Stage, broken: Broken, said: Any) -> StageInvalid:
    """Tell what broke, and return the error that says so."""
    stage.annotations.append(f"{broken.path}: {broken.reason}")
    stage.tell(
        telemetry.INVALID, validation_error_path=broken.path, reason=broken.reason,
        output_excerpt=telemetry.excerpt(said), repair_attempts=stage.body["repair_attempts"],
    )  # fmt: skip
    stage.tell(telemetry.GUARD, guard="contract", action="stop", path=broken.path, reason=broken.reason, left=0)
    _tell_end(stage, said=said, error=StageInvalid.code, validation_error_path=broken.path)
    return StageInvalid(f"{stage.name} at {broken.path}: {broken.reason}")


def _tell_start(stage: Stage, prompt: str) -> None:
    text = stage.execution.order.message
    stage.tell(
        telemetry.STAGE_START,
        user_input={"raw": telemetry.excerpt(text), "normalized": telemetry.excerpt(stage.moment.user_prompt)},
        prompt={
            "system": telemetry.excerpt(stage.persona, telemetry.PREVIEW), "header": stage.body["title"] or stage.name,
            "body_preview": prompt[: telemetry.PREVIEW], "token_estimate": tokens.likely(stage.persona, prompt),
        },
        state_snapshot=telemetry.excerpt(stage.moment.state),
    )  # fmt: skip


def _tell_end(
    stage: Stage, *, answer: Any = None, said: Any = None, state_diff: Any = None, error: str = "", **facts: Any
) -> None:
    taken = summaries.of_tasks([stage.context.task_id]).get(stage.context.task_id)
    used = taken or CallSummary(role="", model="", provider="", sandbox=False)
    result = {
        "output_excerpt": telemetry.excerpt(said if answer is None else answer) if (said or answer) else "",
        "schema_valid": answer is not None, "annotations": [*stage.annotations, *([error] if error else [])],
    }  # fmt: skip
    stage.tell(
        telemetry.STAGE_END,
        result=result,
        performance={
            "latency_ms_total": round((time.monotonic() - stage.began) * 1000),
            "latency_ms_provider": round(stage.asked_for * 1000), "token_in": used.input_tokens,
            "token_out": used.output_tokens, "cache_hit": stage.replayed,
        },
        cost={"model": used.model, "pricing_usd": money.text(used.cost_usd), "requests": used.requests},
        state_diff=state_diff or {"old": None, "new": None}, error=error or None, **facts,
    )  # fmt: skip


def _close(context: engine.Context) -> engine.TaskSpec:
    return engine.TaskSpec(
        key=CLOSE, type="workflow.close", after=(context.key,), title="Give the reply and remember the session"
    )
