"""Amounts of money: USD as decimals with nine places. Pure; no floats, because 0.1 + 0.2 is not 0.3."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal

PLACES = Decimal("0.000000001")
"""A nano-dollar: the cheapest token on any price list costs ten of them."""

ZERO = Decimal("0.000000000")

# Wide enough that a product of a price and any token count is exact before it is rounded once.
EXACT = Context(prec=60)


def usd(amount: Decimal | int | str) -> Decimal:
    """An amount with nine places, half a nano-dollar rounded away from zero."""
    return _places(amount, ROUND_HALF_UP)


def ceil(amount: Decimal | int | str) -> Decimal:
    """An amount with nine places, rounded up: for what must not turn out too small."""
    return _places(amount, ROUND_CEILING)


def text(amount: Decimal) -> str:
    """An amount as it travels: a plain decimal string with nine places, never in exponents."""
    return f"{usd(amount):f}"


def short(amount: Decimal) -> str:
    """An amount as a sentence shows it: dollars with at least cents, and no needless zeros."""
    digits = text(amount).rstrip("0")
    whole, _, places = digits.partition(".")
    return f"${whole}.{places.ljust(2, '0')}"


def _places(amount: object, rounding: str) -> Decimal:
    if not isinstance(amount, Decimal | int | str) or isinstance(amount, bool):
        raise TypeError(f"money is a Decimal, an int or a str, not {type(amount).__name__}")
    exact = Decimal(amount)
    if not exact.is_finite():
        raise ValueError(f"{exact} is not an amount of money")
    return exact.quantize(PLACES, rounding=rounding, context=EXACT)
