"""From what was used to an amount, and which figure applies. Pure.

Figures are USD per million tokens, and per minute of what a model listened to. A model's price may have tiers: one row
per smallest prompt it holds for, and the whole request is charged at the tier its prompt falls in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

from billing import money

PER = Decimal(1_000_000)
MINUTE = Decimal(60_000)
"""In milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one request used. The four kinds of input do not overlap; thinking is inside the output."""

    input_tokens: int
    output_tokens: int
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    heard_ms: int = 0
    """Milliseconds of a recording that a provider counted, where it is paid by its length and not by tokens."""

    @property
    def prompt_tokens(self) -> int:
        """All of the input, read from a cache or not: what a tier is chosen by."""
        return self.input_tokens + self.cache_write_5m + self.cache_write_1h + self.cache_read


class Figures(Protocol):
    """What a price says: USD per million tokens of each kind, and per minute of a recording."""

    @property
    def input(self) -> Decimal:
        """Fresh input."""

    @property
    def output(self) -> Decimal:
        """Output, thinking included."""

    @property
    def cache_write_5m(self) -> Decimal:
        """Input written to a cache that lives five minutes."""

    @property
    def cache_write_1h(self) -> Decimal:
        """Input written to a cache that lives an hour."""

    @property
    def cache_read(self) -> Decimal:
        """Input read from a cache."""

    @property
    def minute(self) -> Decimal:
        """A minute of a recording that is listened to."""


class Listed(Figures, Protocol):
    """A price as it stands in a book: for which models, from when, from which prompt length on."""

    @property
    def model(self) -> str:
        """A model's name or a glob."""

    @property
    def effective_from(self) -> datetime:
        """The first moment it holds."""

    @property
    def min_prompt_tokens(self) -> int:
        """The smallest prompt it holds for."""


P = TypeVar("P", bound=Listed)


def cost(price: Figures, usage: Usage) -> Decimal:
    """What this usage costs at this price, rounded once, at the end."""
    return money.usd(_exact(price, usage))


def worst_case(price: Figures, usage: Usage) -> Decimal:
    """What this usage costs at most: rounded up, so that a reservation is never a nano-dollar short."""
    return money.ceil(_exact(price, usage))


def tiers(listed: Iterable[P], *, model: str, at: datetime) -> Sequence[P]:
    """The tiers that hold for `model` at that moment, smallest prompt first. Empty when none is known.

    The most specific name wins over the most recent date: a new price for "claude-*" does not change what
    "claude-opus-5-5" costs. Of one name, the latest set of tiers that has begun holds, as a whole.
    """
    begun = [price for price in listed if price.effective_from <= at and fnmatchcase(model, price.model)]
    if not begun:
        return []
    name, since = max(begun, key=_precedence).model, max(begun, key=_precedence).effective_from
    held = [price for price in begun if price.model == name and price.effective_from == since]
    return sorted(held, key=lambda price: price.min_prompt_tokens)


def tier(tiers: Sequence[P], *, prompt_tokens: int) -> P | None:
    """The tier a prompt of this length falls in."""
    reached = [price for price in tiers if price.min_prompt_tokens <= prompt_tokens]
    return reached[-1] if reached else None


def specificity(glob: str) -> tuple[bool, int, str]:
    """How much a name says: a full name more than any glob, a longer glob more than a shorter. Tie-free."""
    wild = sum(glob.count(mark) for mark in "*?[")
    return (not wild, len(glob) - wild, glob)


def _precedence(price: Listed) -> tuple[tuple[bool, int, str], datetime]:
    return specificity(price.model), price.effective_from


def _exact(price: Figures, usage: Usage) -> Decimal:
    kinds = (
        (price.input, usage.input_tokens),
        (price.output, usage.output_tokens),
        (price.cache_write_5m, usage.cache_write_5m),
        (price.cache_write_1h, usage.cache_write_1h),
        (price.cache_read, usage.cache_read),
    )
    if usage.heard_ms < 0 or any(tokens < 0 for _, tokens in kinds):
        raise ValueError("a count is never negative")
    tokens = sum((rate * tokens for rate, tokens in kinds), start=Decimal(0)) / PER
    return tokens + price.minute * usage.heard_ms / MINUTE
