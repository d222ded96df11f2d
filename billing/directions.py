"""What an order has paid for what models read, and for what they wrote: each line at its own price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Sum

from billing import money
from billing.models import LedgerEntry
from billing.prices import PER


@dataclass(frozen=True, kw_only=True)
class Directions:
    """The parts add up to the total; adjustments are counted with the input."""

    input_usd: Decimal
    output_usd: Decimal
    total_usd: Decimal
    models: tuple[str, ...]
    """Which models it was paid to, by name."""


def of_order(order: str) -> Directions:
    """Of every ledger line of the order."""
    lines = LedgerEntry.objects.filter(order=order).order_by()
    sums = lines.aggregate(total=Sum("amount"), written=Sum(F("output_tokens") * F("price__output")))
    total = sums["total"] or money.ZERO
    output = min(total, money.usd((sums["written"] or Decimal(0)) / PER))
    models = sorted(set(lines.values_list("model", flat=True)))
    return Directions(input_usd=total - output, output_usd=output, total_usd=total, models=tuple(models))
