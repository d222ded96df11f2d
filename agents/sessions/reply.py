"""How a turn is answered. One question to the agent's model; an agent with tools would loop here, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from agents import calls
from agents.contracts import Answer
from agents.providers.messages import Turn
from nexus import engine

STEP = 1


def answer(context: engine.Context, *, role: str, system: str, turns: Sequence[Turn]) -> Answer:
    """What `role` says to `turns`; its words are heard live while they are written.

    Tokens and cost are those of everything it took. Asked again by another worker, what was bought is replayed.
    """
    return calls.call(context, role=role, step=STEP, system=system, turns=turns)
