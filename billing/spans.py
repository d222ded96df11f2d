"""What was spent today, in a week, in a month and in all: tokens and dollars, side by side, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum

from billing import money, periods
from billing.models import LedgerEntry

_PROMPT = F("input_tokens") + F("cache_write_5m") + F("cache_write_1h") + F("cache_read")


@dataclass(frozen=True, kw_only=True)
class Span:
    """What was booked in a time."""

    prompt_tokens: int
    """All of the prompt, cached or not."""
    completion_tokens: int
    total_cost: Decimal

    @property
    def total_tokens(self) -> int:
        """Both."""
        return self.prompt_tokens + self.completion_tokens

    def wire(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens, "total_cost": money.text(self.total_cost),
        }  # fmt: skip


def spans(*, now: datetime, zone: tzinfo, projects: Collection[str] | None = None) -> dict[periods.Name, Span]:
    """By the name of the period, of these projects or of all. Read from the ledger alone."""
    entries = LedgerEntry.objects.all() if projects is None else LedgerEntry.objects.filter(project__in=projects)
    asked: dict[str, Any] = {}
    for name in periods.NAMES:
        within = _within(periods.named(name, now=now, zone=zone))
        asked |= {
            f"{name}_prompt": Sum(_PROMPT, filter=within), f"{name}_completion": Sum("output_tokens", filter=within),
            f"{name}_cost": Sum("amount", filter=within),
        }  # fmt: skip
    found = entries.order_by().aggregate(**asked)
    return {
        name: Span(
            prompt_tokens=found[f"{name}_prompt"] or 0, completion_tokens=found[f"{name}_completion"] or 0,
            total_cost=found[f"{name}_cost"] or money.ZERO,
        )
        for name in periods.NAMES
    }  # fmt: skip


def _within(period: periods.Period) -> Q:
    within = Q(pk__isnull=False)
    if period.first is not None:
        within &= Q(day__gte=period.first)
    return within if period.last is None else within & Q(day__lte=period.last)
