"""How a turn is answered: one question to the agent's model, or a conversation with its tools.

Where the agent has a program, prepare(text) of it makes of what was said what its model is asked. What comes of that is
kept with the conversation's beginning, so that another worker asks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents import calls, programs, roles
from agents.contracts import Answer
from agents.loop.converse import converse
from agents.loop.talk import is_begun
from agents.providers.messages import Text, Turn
from nexus import engine

STEP = 1
FUNCTION = "prepare"
LONGEST = 100_000
"""Characters of what a program makes of an input."""


def answer(context: engine.Context, *, role: str, system: str, turns: Sequence[Turn]) -> Answer:
    """What `role` says to `turns`; its words are heard live while they are written.

    Tokens and cost are those of everything it took. Asked again by another worker, what was bought is replayed. Raise
    ProgramFailed where the agent's program does not take the input.
    """
    agent = roles.get(role, project=context.tenant)
    if not agent.tools and not agent.code:
        return calls.call(context, role=role, step=STEP, system=system, turns=turns)
    if agent.code and not is_begun(context, step=STEP):
        turns = _prepared(agent.code, turns)
    return converse(context, role=role, step=STEP, system=system, turns=turns, tools=agent.tools)


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
