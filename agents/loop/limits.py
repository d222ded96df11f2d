"""Turns, tokens, time and cost: how much an agent may use for one task, and what it has used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from billing import money

Measure = Literal["turns", "tokens", "seconds", "cost_usd"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much an agent may use before people are asked. 0 is no limit."""

    turns: int = 40
    """Of the model."""
    tokens: int = 2_000_000
    """Read and written, all turns together."""
    seconds: float = 3_600.0
    """Of work: waiting for people and for a worker does not count."""
    cost_usd: Decimal = Decimal(10)
    repeats: int = 3
    """How often the same call may be made; then the model is told, and then people are asked."""

    def but(self, told: Mapping[str, Any]) -> Limits:
        """These, with what `told` says otherwise; raise ValueError for what is no limit."""
        known = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        if strange := sorted(set(told) - set(known)):
            raise ValueError(f"An agent has no limit of {strange[0]}: {', '.join(known)}")
        return replace(self, **{name: _number(name, value, known[name]) for name, value in told.items()})


@dataclass(frozen=True, kw_only=True)
class Used:
    """What was used so far."""

    turns: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost_usd: Decimal = money.ZERO


def is_reached(limits: Limits, used: Used, measure: Measure) -> bool:
    """Whether the limit of `measure` is used up."""
    limit = getattr(limits, measure)
    return bool(limit) and getattr(used, measure) >= limit


def sentence(limits: Limits, used: Used, measure: Measure) -> str:
    """What people are told."""
    spent = {
        "turns": f"taken {used.turns} turns",
        "tokens": f"read and written {used.tokens} tokens",
        "seconds": f"worked for {used.seconds:.0f} s",
        "cost_usd": f"spent ${used.cost_usd.normalize():f}",
    }[measure]
    return (
        f"The agent has {spent} and is not done; its limit is {getattr(limits, measure)}. "
        "Approve to give it as much again; respond to tell it something, with as much again; reject to end the order."
    )


def _number(name: str, value: Any, kind: type) -> Any:
    try:
        number = None if isinstance(value, bool) else kind(str(value))
        is_one = number is not None and 0 <= number < 10**12
    except (ValueError, InvalidOperation):  # NaN among them
        is_one = False
    if not is_one:
        raise ValueError(f"{name} is a number from 0 on, not {value!r}")
    return number
