"""How far an agent may go by itself, and what people are asked when it has gone so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django.conf import settings

from agents import roles
from nexus import engine

from . import limits
from .limits import Limits
from .talk import Conversation

ANSWERS: tuple[Literal["approve", "respond", "reject"], ...] = ("approve", "respond", "reject")


def limits_of(context: engine.Context, role: str) -> Limits:
    """How far this role may go in this task: the installation's word, the role's, the task's; the last counts."""
    told: list[Mapping[str, Any]] = [settings.NEXUS_AGENT_LIMITS, roles.get(role).limits]
    found = Limits()
    for said in (*told, context.input.get("limits") or {}):
        found = found.but(said)
    return found


def check(talk: Conversation, most: Limits) -> None:
    """Go on while something is left, or people have just given as much again; else raise PeopleAsked.

    What they said, when they did not just agree, is told to the model.
    """
    for measure in limits.MEASURES:
        if not limits.is_reached(most, talk.used(since=_at(measure)), measure):
            continue
        used, checkpoint = talk.used(), f"{_at(measure)}{talk.row.step}:{talk.asked}"
        decision = decided(talk.context, checkpoint)
        if decision is None:
            raise engine.PeopleAsked(
                question(
                    limits.sentence(most, used, measure), checkpoint=checkpoint, role=talk.row.role, limit=measure,
                    turns=used.turns, tokens=used.tokens, seconds=round(used.seconds), cost_usd=str(used.cost_usd),
                )
            )  # fmt: skip
        words = "" if decision.is_approved else f"The people in charge say: {decision.reason}"
        talk.keep_words(words, about=checkpoint)


def _at(measure: str) -> str:
    return f"limit:{measure}:"


def decided(context: engine.Context, checkpoint: str) -> engine.Decision | None:
    """What people said there, if they did."""
    decision = context.decision(checkpoint)
    return None if decision is None or decision.outcome == "withdrawn" else decision


def question(message: str, *, checkpoint: str, **content: Any) -> engine.Ask:
    """What people are asked. A no ends the order."""
    gate = engine.Gate(message=message, checkpoint=checkpoint, allows=ANSWERS)
    return engine.Ask(gate=gate, content=content)
