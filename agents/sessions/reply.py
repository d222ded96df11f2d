"""How a turn is answered: one question to the agent's model, or a conversation with its tools.

Where the agent has a program, prepare(text) of it makes of what was said what its model is asked. What comes of that is
kept with the conversation's beginning, so that another worker asks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents import calls, programs
from agents.contracts import Answer
from agents.loop import talk
from agents.loop.converse import converse
from agents.providers.messages import Text, ToolResult, ToolUse, Turn
from agents.registry import Agent
from nexus import engine

STEP = 1
CONVERSES = 1_001
"""Each turn of the model is a step from here on: apart from those of summaries."""
FUNCTION = "prepare"
LONGEST = 100_000
"""Characters of what a program makes of an input."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is said to a message, and what was done for it."""

    answer: Answer
    uses: Sequence[tuple[ToolUse, ToolResult | None]] = ()


def answer(context: engine.Context, *, agent: Agent, system: str, turns: Sequence[Turn]) -> Reply:
    """What `agent` says to `turns`; its words are heard live while they are written.

    Tokens and cost are those of everything it took. Asked again by another worker, it goes on where the last one was:
    what was bought is replayed, what was done is not done again, what was said is said again for who listens. Raise
    ProgramFailed where the agent's program does not take the input.
    """
    if not agent.tools and not agent.program:
        return Reply(answer=calls.call(context, role=agent.role, step=STEP, system=system, turns=turns))
    before = talk.stored(context, step=CONVERSES)
    if before is not None and before.words():
        context.delta(before.words())
    if agent.program and before is None:
        turns = _prepared(agent.program, turns)
    last = converse(context, role=agent.role, step=CONVERSES, system=system, turns=turns, tools=agent.tools)
    whole = talk.stored(context, step=CONVERSES)
    assert whole is not None, "it has just been held"
    return Reply(answer=replace(last, text=whole.words()), uses=whole.done())


def _prepared(code: str, turns: Sequence[Turn]) -> Sequence[Turn]:
    """The same, with the last words as the program wants them."""
    *before, last = turns
    match last.blocks:
        case (*others, Text(text=text)):
            made = programs.call(code, FUNCTION, text)
            if not isinstance(made, str) or not made.strip():
                raise programs.ProgramFailed(f"{FUNCTION} gives back a text")
            return (*before, replace(last, blocks=(*others, Text(text=made[:LONGEST]))))
        case _:
            return turns
