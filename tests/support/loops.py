"""Conversations with tools, for tests: begun in a run, played by the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

import tests.support.work.tools  # noqa: F401 — they register themselves
from agents.loop import converse as loop
from agents.loop import doing
from nexus import engine

from .runs import spec, submitted, task, work

PROMPT = "Work it out, please."
TOOLS = ["try_*"]


def uses(*calls: tuple[str, dict[str, Any]], text: str = "") -> dict[str, Any]:
    """A turn in which the model asks for tools."""
    asked = {"tool_calls": [{"name": name, "input": given} for name, given in calls]}
    return {"text": text} | asked if text else asked


ADDS = uses(("try_adds", {"a": 2}))
DONE = {"text": "Done: {{result}}"}


def begun(*, tools: list[str] = TOOLS, **input: Any) -> engine.Run:
    return submitted(spec("one", "test.converses", input={"prompt": PROMPT, "tools": tools, **input}))


def done(run: engine.Run) -> dict[str, Any]:
    ended = task(work(run), "one")
    assert ended.state == "completed", (ended.state, ended.error, ended.wait)
    return dict(ended.output)


def told(run: engine.Run, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in engine.events.of(run.pk) if event.kind == kind]


def asked(run: engine.Run) -> engine.Approval:
    return engine.approvals.waiting().get(run=work(run))


def talked(context: engine.Context, **given: Any) -> Any:
    return loop.converse(context, **({"role": "intern", "system": "", "prompt": PROMPT, "tools": TOOLS} | given))


def talk_begins(context: engine.Context) -> None:
    """Its first turn is said, and nothing done yet."""

    class Died(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Died):
        patch.setattr(doing.tools, "use", lambda *_, **__: (_ for _ in ()).throw(Died()))
        talked(context)
