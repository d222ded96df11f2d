"""One ToolUse -> one ToolResult: found, allowed, fitting, done as its effect allows, shown to the model."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import F
from django.db.models.functions import Now

from agents.models import RegisteredTool
from agents.providers.messages import ToolResult, ToolUse
from nexus import engine
from nexus.errors import NexusError
from nexus.telemetry.log import redact

from . import bounded, offering, permissions, rendering, schemas, taint
from .base import Tool, Where
from .errors import ToolFailed, ToolTimedOut

STARTED, ENDED = "tool.started", "tool.ended"
ASKS = "May {tool} be used like this?"
AFTER_READING = "{tool} reaches out, and the agent has read what others wrote. May it be used like this?"
LONGEST_TOLD = 2_000
"""Characters of an input or an output that the feed shows."""


def use(
    context: engine.Context, *, role: str, use: ToolUse, step: int = 0, only: frozenset[str] | None = None,
    told: Callable[[], str] = str,
) -> ToolResult:  # fmt: skip
    """Do what the model asks for, or tell it why not; the same use of the same step of a task is done once.

    `step` tells answers of a conversation apart: an id is unique in its answer, and not every maker does more. `only`
    are the tools that the task may use at all, `told` the words that the agent was given to read. Raise PeopleAsked
    where people decide first, what `context` raises, and what makes the task run again: then the same use goes on where
    it stopped.
    """
    context.check()
    tool = offering.find(use.name, only=only, project=context.tenant)
    if tool is None:
        return _refused(use, f"There is no tool {use.name[:64]!r} here.")
    verdict = permissions.rules_for(role=role, project=context.tenant, order=context.subject).verdict(tool)
    if verdict == "deny":
        return _refused(use, f"{tool.name} may not be used here.")
    if wrong := schemas.what_is_wrong(tool.schema, use.input):
        return _refused(use, f"The input does not fit, {wrong}. Nothing was done.")
    key = key_of(step, use)
    led = verdict == "allow" and taint.is_asked_about(tool, use.input, context=context, told=told)
    asks = AFTER_READING if led else ASKS
    agreed = _agreed(context, tool, use, key, asks) if led or verdict == "ask" else use.input
    if isinstance(agreed, ToolResult):
        return agreed
    return _done(_Use(context=context, role=role, tool=tool, use=use, key=key, input=agreed))


def key_of(step: int, use: ToolUse) -> str:
    """What a use is known by in its task."""
    whole = f"{step}:{use.id}"
    return whole if len(whole) <= 80 else hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Use:
    """A use that may be done."""

    context: engine.Context
    role: str
    tool: Tool
    use: ToolUse
    key: str
    input: dict[str, Any]


def _refused(use: ToolUse, why: str) -> ToolResult:
    return ToolResult(id=use.id, text=why, is_error=True)


def _agreed(context: engine.Context, tool: Tool, use: ToolUse, key: str, asks: str) -> dict[str, Any] | ToolResult:
    """The input that people agreed to, or what the model is told instead; raise PeopleAsked until they have."""
    checkpoint = f"tool:{key}"
    decision = context.decision(checkpoint)
    if decision is None or decision.outcome == "withdrawn":
        raise engine.PeopleAsked(
            engine.Ask(
                content={"tool": tool.name, "input": use.input},
                gate=engine.Gate(
                    message=asks.format(tool=tool.name), checkpoint=checkpoint, on_reject="run_again",
                    allows=("approve", "edit_and_approve", "reject", "respond"),
                ),
            )
        )  # fmt: skip
    if decision.outcome == "responded":
        return ToolResult(id=use.id, text=f"Not done. A person answered instead: {decision.reason}")
    if not decision.is_approved:
        return _refused(use, f"Not done. A person refused it: {decision.reason}")
    agreed = decision.content.get("input")
    if decision.content.get("tool") != tool.name or not isinstance(agreed, dict):
        return _refused(use, "Not done. What a person made of it is no use of this tool.")
    if wrong := schemas.what_is_wrong(tool.schema, agreed):
        return _refused(use, f"Not done. What a person made of it does not fit, {wrong}.")
    return agreed


def _done(one: _Use) -> ToolResult:
    began, acted = time.monotonic(), []
    _say_started(one)

    def act(key: str) -> Mapping[str, Any]:
        acted.append(key)
        return _act(one, key)

    try:
        performed = engine.perform(
            one.context, key=one.key, kind=one.tool.effect, name=one.tool.name, request=one.input,
            act=act, told=_said_by_a_person,
        )  # fmt: skip
        said = performed.response
    except engine.EffectFailed as failed:
        text = failed.detail.get("text") or f"It was not done: {failed}"
        said = {"text": text, "is_error": True}
    result = ToolResult(id=one.use.id, text=str(said["text"]), is_error=bool(said.get("is_error")))
    if acted:
        _count(one, result, seconds=time.monotonic() - began)
    return result


def _say_started(one: _Use) -> None:
    """Once: what goes on after a crash has been said."""
    if not engine.effects.filter(task_id=one.context.task_id, key=one.key).exists():
        facts = {"tool": one.tool.name, "effect": one.tool.effect, "id": one.use.id}
        one.context.tell(STARTED, facts | {"input": _short(json.dumps(one.input, ensure_ascii=False))})


def _said_by_a_person(reason: str) -> dict[str, Any]:
    return {"text": f"A person has found out that this was done: {reason}", "is_error": False}


def _act(one: _Use, key: str) -> Mapping[str, Any]:
    where = Where(context=one.context, role=one.role, use_id=one.key, key=key)
    try:
        output = rendering.output_of(_called(one, where))
    except ToolFailed as failed:
        raise ToolFailed(str(failed), again=failed.again, detail={"text": _shown(one.tool, str(failed))}) from failed
    return {"text": _shown(one.tool, output.text), "is_error": output.is_error}


def _called(one: _Use, where: Where) -> Any:
    """Call the tool. Where it only reads, whatever goes wrong is told to the model: nothing can have happened."""
    reads = one.tool.effect == "read"
    try:
        if one.tool.inline:
            return one.tool.act(where, one.input)
        act = lambda: one.tool.act(where, one.input)  # noqa: E731 — one line, used once
        return bounded.within(one.tool.timeout, act, context=one.context, may_stop=reads)
    except ToolTimedOut as late:
        if not reads:
            raise
        raise ToolFailed(str(late)) from late
    except (NexusError, DatabaseError, InterfaceError):
        raise
    except Exception as error:
        if not reads:
            raise  # the effect ledger decides: nobody knows whether it happened
        raise ToolFailed(f"{type(error).__name__}: {error}") from error


def _shown(tool: Tool, text: str) -> str:
    return rendering.shown(text, tool=tool.name, most_tokens=tool.most_tokens, untrusted=tool.untrusted)


def _count(one: _Use, result: ToolResult, *, seconds: float) -> None:
    RegisteredTool.objects.filter(name=one.tool.name).update(uses=F("uses") + 1, used_at=Now())
    facts = {"tool": one.tool.name, "effect": one.tool.effect, "id": one.use.id, "is_error": result.is_error}
    one.context.tell(ENDED, facts | {"ms": round(seconds * 1000), "text": _short(result.text)})


def _short(text: str) -> str:
    safe = redact(text).replace("\x00", "")
    return safe if len(safe) <= LONGEST_TOLD else safe[:LONGEST_TOLD] + "…"
