"""Which calls an order will make, and about how large they are: what a quote goes by before there is history. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from . import rules
from .contracts import Difficulty

SECTIONS: dict[Difficulty, int] = {"trivial": 2, "normal": 4, "complex": 5, "unclear": 0}
"""How many sections a plan usually has, before it is drawn up."""

TOKENS: dict[str, tuple[int, int]] = {
    "triage": (900, 250),
    "plan": (1_300, 800),
    "outline": (1_600, 700),
    "section": (2_400, 1_300),
    "review": (5_500, 500),
    "revise": (6_000, 3_500),
}
"""Kind of call -> tokens in and out, thinking included, of an order that goes as usual."""
LONGER = 2
"""How many times the usual output a long answer has."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One call that an order is expected to make."""

    role: str
    input_tokens: int
    output_tokens: int


def usual(difficulty: Difficulty, *, sections: int | None = None) -> list[Expected]:
    """The calls of an order that passes review with its first draft."""
    owner = rules.owner_of(difficulty)
    calls = [_call("triage", rules.owner_of("unclear"))]
    if difficulty == "unclear":
        return calls  # it asks back, and nothing is executed
    calls.append(_call("plan", owner))
    if difficulty != "trivial":
        calls.append(_call("outline", owner if difficulty == "complex" else "intern"))
    calls += [_call("section", owner)] * (SECTIONS[difficulty] if sections is None else sections)
    return [*calls, _call("review", rules.reviewer_of(owner))]


def long(difficulty: Difficulty, *, sections: int | None = None) -> list[Expected]:
    """The same with long answers, and with a second draft where the first does not pass."""
    calls = [_longer(call) for call in usual(difficulty, sections=sections)]
    if difficulty == "unclear":
        return calls
    author = rules.above(rules.owner_of(difficulty))
    return [*calls, _longer(_call("revise", author)), _longer(_call("review", rules.reviewer_of(author)))]


def _call(kind: str, role: str) -> Expected:
    tokens_in, tokens_out = TOKENS[kind]
    return Expected(role=role, input_tokens=tokens_in, output_tokens=tokens_out)


def _longer(call: Expected) -> Expected:
    return Expected(role=call.role, input_tokens=call.input_tokens, output_tokens=call.output_tokens * LONGER)
