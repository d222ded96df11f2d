"""How a budget stands and where it is heading: used, remaining, predicted, in one word. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from billing import money

Label = Literal["HEALTHY", "CAUTION", "WARNING", "CRITICAL"]
LABELS: tuple[Label, ...] = ("HEALTHY", "CAUTION", "WARNING", "CRITICAL")


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Shares of a limit. Refuses what could never be reached in turn."""

    caution: Decimal = Decimal("0.7")
    step_down: Decimal = Decimal("0.8")
    """From here on, roles that may work with their next lower tier."""
    warning: Decimal = Decimal("0.9")
    overrun: Decimal = Decimal("1.1")
    """Of what is predicted."""

    def __post_init__(self) -> None:
        """Refuse at start what would say nothing, or cry all the time."""
        if not 0 < self.caution <= self.warning <= 1:
            raise ValueError("BUDGET_CAUTION_THRESHOLD and BUDGET_WARNING_THRESHOLD are shares, the first not above")
        if self.overrun < 1 or self.step_down <= 0:
            raise ValueError("BUDGET_OVERRUN_THRESHOLD is at least 1, and BUDGET_STEP_DOWN_THRESHOLD above 0")


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a budget stands. Without a limit nothing of it can be used up, so nothing is said about a share of it."""

    total: Decimal | None
    used: Decimal
    reserved: Decimal
    remaining: Decimal | None
    """Below zero where the limit was set below what was spent."""
    usage_percent: Decimal | None
    predicted_total: Decimal
    predicted_overrun: Decimal
    status: Label

    def wire(self) -> dict[str, object]:
        """As JSON has it: amounts as strings."""
        shown = {
            name: None if value is None else money.text(value)
            for name, value in (
                ("total", self.total), ("used", self.used), ("reserved", self.reserved), ("remaining", self.remaining),
                ("predicted_total", self.predicted_total), ("predicted_overrun", self.predicted_overrun),
            )
        }  # fmt: skip
        percent = None if self.usage_percent is None else float(self.usage_percent)
        return {**shown, "usage_percent": percent, "status": self.status}


def predicted(*, used: Decimal, total: Decimal | None, done: Fraction | None) -> Decimal:
    """What all of it will have cost: as much again per part of the work as the parts that are done.

    While nothing is done nothing can be said: then it is the total, or what was used where there is no limit.
    """
    if not done:
        return max(used, total or money.ZERO)
    return money.usd(used * done.denominator / done.numerator)


def status(*, total: Decimal | None, used: Decimal, reserved: Decimal, done: Fraction | None, at: Thresholds) -> Status:
    """How a budget stands when `done` of its work is done; None where nobody can say how much that is."""
    expected = predicted(used=used, total=total, done=done)
    return Status(
        total=total,
        used=used,
        reserved=reserved,
        remaining=None if total is None else total - used,
        usage_percent=None if total is None else (_share(used, total) * 100).quantize(Decimal("0.01")),
        predicted_total=expected,
        predicted_overrun=money.ZERO if total is None else max(money.ZERO, expected - total),
        status="HEALTHY" if total is None else _label(total, used, expected, at),
    )


def is_nearly_used(*, total: Decimal | None, taken: Decimal, at: Decimal) -> bool:
    """Has `taken` reached the share `at` of the total?"""
    return total is not None and taken >= total * at


def is_critical(*, total: Decimal | None, expected: Decimal, at: Thresholds) -> bool:
    """Is it predicted to need so much more than it may?"""
    return total is not None and expected > total * at.overrun


def _label(total: Decimal, used: Decimal, expected: Decimal, at: Thresholds) -> Label:
    if is_critical(total=total, expected=expected, at=at):
        return "CRITICAL"
    share = _share(used, total)
    return "WARNING" if share > at.warning else "CAUTION" if share > at.caution else "HEALTHY"


def _share(used: Decimal, total: Decimal) -> Decimal:
    """All of nothing is used."""
    return used / total if total else Decimal(1)
