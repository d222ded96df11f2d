"""How a turn is answered: by one question to the agent's model, or in a conversation with its tools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents import calls
from agents.contracts import Answer
from agents.loop import talk
from agents.loop.converse import converse
from agents.providers.messages import ToolResult, ToolUse, Turn
from agents.registry import Agent
from nexus import engine

STEP = 1
WITH_TOOLS = 1_001
"""Each turn of the model is a step from here on: apart from those of summaries."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is said to a message, and what was done for it."""

    answer: Answer
    uses: Sequence[tuple[ToolUse, ToolResult | None]] = ()


def answer(context: engine.Context, *, agent: Agent, system: str, turns: Sequence[Turn]) -> Reply:
    """What `agent` says to `turns`; its words are heard live while they are written.

    Tokens and cost are those of everything it took. Asked again by another worker, it goes on where the last one was:
    what was bought is replayed, what was done is not done again, what was said is said again for who listens.
    """
    if not agent.tools:
        said = calls.call(context, role=agent.role, step=STEP, system=system, turns=turns)
        return Reply(answer=said)
    before = talk.stored(context, step=WITH_TOOLS)
    if before is not None and before.words():
        context.delta(before.words())
    last = converse(context, role=agent.role, step=WITH_TOOLS, system=system, turns=turns, tools=agent.tools)
    whole = talk.stored(context, step=WITH_TOOLS)
    assert whole is not None, "it has just been held"
    return Reply(answer=replace(last, text=whole.words()), uses=whole.done())
