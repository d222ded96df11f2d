"""What was spent, for surfaces: totals and lines, read from the ledger alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from billing import money
from billing.models import LedgerEntry


@dataclass(frozen=True, kw_only=True)
class Totals:
    """A sum over ledger lines. Input counts all of the prompt, cached or not."""

    cost_usd: Decimal = money.ZERO
    input_tokens: int = 0
    output_tokens: int = 0
    lines: int = 0


@dataclass(frozen=True, kw_only=True)
class Line:
    """One ledger line as a surface shows it."""

    request_id: UUID
    kind: str
    quality: str
    amount: Decimal
    provider: str
    model: str
    role: str
    task_key: str
    input_tokens: int
    output_tokens: int
    heard_ms: int
    at: datetime

    def wire(self) -> dict[str, object]:
        """The line as JSON has it."""
        texts = {"request_id": str(self.request_id), "amount_usd": money.text(self.amount), "at": self.at.isoformat()}
        names = ("kind", "quality", "provider", "model", "role", "input_tokens", "output_tokens", "heard_ms")
        return {**texts, "task": self.task_key, **{name: getattr(self, name) for name in names}}


NOTHING = Totals()
"""The totals of what has no line yet."""

_PROMPT = F("input_tokens") + F("cache_write_5m") + F("cache_write_1h") + F("cache_read")
_SUMS = {
    "cost_usd_": Sum("amount"),
    "input_tokens_": Sum(_PROMPT),
    "output_tokens_": Sum("output_tokens"),
    "lines_": Count("id"),
}


def of_order(order: str) -> Totals:
    """What an order has cost."""
    return of_orders([order]).get(order, NOTHING)


def of_orders(orders: Collection[str]) -> dict[str, Totals]:
    """What each of these orders has cost; those without a line are left out. One statement, for lists."""
    return _grouped(LedgerEntry.objects.filter(order__in=orders), "order")


def by_task(order: str) -> dict[str, Totals]:
    """What each task of an order has cost, by the task's key."""
    return _grouped(LedgerEntry.objects.filter(order=order), "task_key")


def of_tasks(task_ids: Iterable[int]) -> dict[int, Totals]:
    """What each of these tasks has cost, by the task's id."""
    return _grouped(LedgerEntry.objects.filter(task_id__in=list(task_ids)), "task_id")


def of_project(project: str, *, since: date | None = None) -> Totals:
    """What a project has spent since the beginning of that day; in all, without one."""
    sums = _of_project(project, since).aggregate(**_SUMS)
    found = {name.rstrip("_"): value for name, value in sums.items()}
    return Totals(**found) if found["lines"] else NOTHING


def of_project_by(project: str, by: Literal["role", "model"], *, since: date | None = None) -> dict[str, Totals]:
    """The same, for each role or model."""
    return _grouped(_of_project(project, since), by)


def _of_project(project: str, since: date | None) -> QuerySet[LedgerEntry]:
    entries = LedgerEntry.objects.filter(project=project)
    return entries if since is None else entries.filter(day__gte=since)


def lines(order: str) -> list[Line]:
    """Every line of an order, oldest first."""
    return [
        Line(
            request_id=entry.request_id,
            kind=entry.kind,
            quality=entry.quality,
            amount=entry.amount,
            provider=entry.provider,
            model=entry.model,
            role=entry.role,
            task_key=entry.task_key,
            input_tokens=entry.input_tokens + entry.cache_write_5m + entry.cache_write_1h + entry.cache_read,
            output_tokens=entry.output_tokens,
            heard_ms=entry.heard_ms,
            at=entry.at,
        )
        for entry in LedgerEntry.objects.filter(order=order).order_by("id")
    ]


def spent() -> Decimal:
    """What everything has cost; reads the whole ledger."""
    return LedgerEntry.objects.aggregate(spent=Sum("amount"))["spent"] or money.ZERO


def spent_today() -> Decimal:
    """What was booked today, in the installation's time zone."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return LedgerEntry.objects.filter(day=today).aggregate(spent=Sum("amount"))["spent"] or money.ZERO


def _grouped(entries: QuerySet[LedgerEntry], by: str) -> dict[Any, Totals]:
    # Ordered by nothing: a default order would become part of the grouping.
    rows = entries.order_by().values(by).annotate(**_SUMS)
    return {row[by]: Totals(**{name.rstrip("_"): value for name, value in row.items() if name != by}) for row in rows}
