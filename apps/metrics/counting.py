"""What is too dear to count at every scrape: whole tables, and the engine's invariants."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from billing import reports
from nexus import engine

from .models import Figure

log = logging.getLogger("nexus.metrics")
EVERY = timedelta(seconds=30)
TURN = "turn"
"""The row whose time says when the last dispatcher began to count."""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
Counts = Mapping[str, Decimal | int]


def take_turn() -> bool:
    """Is it time to count, and nobody else's turn?

    Every dispatcher asks. Two that ask at once meet at the row: the second waits for the first, and finds it taken.
    """
    Figure.objects.bulk_create([Figure(name=TURN, value=0, counted_at=NEVER)], ignore_conflicts=True)
    mine = Figure.objects.filter(name=TURN, counted_at__lt=Now() - EVERY)
    return bool(mine.update(counted_at=Now()))


def count_all() -> int:
    """Count everything and keep it; return how many figures are fresh. One that fails keeps its old value and time."""
    return sum(_kept(name, count) for name, count in _all())


def _all() -> Iterator[tuple[str, Callable[[], Counts]]]:
    yield "tasks", engine.count_tasks
    yield "runs", engine.count_runs
    yield "dead_letters", lambda: {"waiting": engine.count_dead()}
    yield "ledger", lambda: {"total": reports.spent(), "today": reports.spent_today()}
    for name in engine.invariants():
        yield "invariants", lambda name=name: {name: engine.count_one(name)}  # type: ignore[misc]  # bound at once


def _kept(family: str, count: Callable[[], Counts]) -> int:
    try:
        with transaction.atomic():
            counted = count()
            Figure.objects.bulk_create(
                [Figure(name=f"{family}.{name}", value=value, counted_at=Now()) for name, value in counted.items()],
                update_conflicts=True,
                unique_fields=["name"],
                update_fields=["value", "counted_at"],
            )
    except DatabaseError as error:
        log.warning("%s not counted: %s", family, str(error).partition("\n")[0])
        return 0
    return len(counted)
