"""What was spent in a time, and on what: by role, model, project, order or day. Read from the ledger alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from billing import money, sheets
from billing.models import LedgerEntry
from billing.periods import Period

By = Literal["role", "model", "project", "order", "day"]
BY: tuple[By, ...] = get_args(By)
MOST_ROWS = 500

_PROMPT = F("input_tokens") + F("cache_write_5m") + F("cache_write_1h") + F("cache_read")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one role, model, project, order or day has cost."""

    key: str
    cost: Decimal = money.ZERO
    estimated: Decimal = money.ZERO
    """The part of it that no provider has reported."""
    requests: int = 0
    input_tokens: int = 0
    """All of the prompt, cached or not."""
    output_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A time's costs; `rows` are the dearest first, or days in order. `total` counts what was cut off too."""

    period: Period
    by: By
    total: Cost
    rows: list[Cost]
    is_cut: bool


def summary(*, period: Period, by: By, projects: Collection[str] | None = None, most: int = MOST_ROWS) -> Summary:
    """The costs of `period`, of all or of these `projects`, at most so many rows. Two statements."""
    entries = _within(period, projects)
    # Ordered by nothing before it is grouped: a default order would become part of the grouping.
    grouped = entries.order_by().values(by).annotate(**_sums()).order_by("day" if by == "day" else "-cost_", by)
    rows = [_cost(row, str(row[by])) for row in grouped[: most + 1]]
    total = _cost(entries.order_by().aggregate(**_sums()), "")
    return Summary(period=period, by=by, total=total, rows=rows[:most], is_cut=len(rows) > most)


def renamed(found: Summary, names: dict[str, str]) -> Summary:
    """The same under names that people know, where there are any."""
    return replace(found, rows=[replace(row, key=names.get(row.key, row.key)) for row in found.rows])


def sheet(found: Summary) -> str:
    """The rows as a file for spreadsheets."""
    heads = (found.by, "cost_usd", "estimated_usd", "requests", "input_tokens", "output_tokens")
    return sheets.csv_of(
        heads,
        (
            (row.key, row.cost, row.estimated, row.requests, row.input_tokens, row.output_tokens)
            for row in found.rows
        ),
    )  # fmt: skip


def _within(period: Period, projects: Collection[str] | None) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.all()
    if projects is not None:
        entries = entries.filter(project__in=projects)
    if period.first is not None:
        entries = entries.filter(day__gte=period.first)
    return entries if period.last is None else entries.filter(day__lte=period.last)


def _sums() -> dict[str, Any]:
    # An estimate that the provider has put right by a line of its own is no estimate any more.
    put_right = LedgerEntry.objects.filter(request_id=OuterRef("request_id"), kind="ADJUST", quality="reported")
    still = Q(~Exists(put_right), quality="estimated")
    return {
        "cost_": Sum("amount"),
        "estimated_": Sum("amount", filter=still),
        "requests_": Count("id", filter=Q(kind="CHARGE")),
        "input_tokens_": Sum(_PROMPT),
        "output_tokens_": Sum("output_tokens"),
    }


def _cost(row: dict[str, Any], key: str) -> Cost:
    return Cost(
        key=key,
        cost=row["cost_"] or money.ZERO,
        estimated=row["estimated_"] or money.ZERO,
        requests=row["requests_"],
        input_tokens=row["input_tokens_"] or 0,
        output_tokens=row["output_tokens_"] or 0,
    )
