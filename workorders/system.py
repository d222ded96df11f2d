"""How the whole stands: orders by status, queues, workers, what waits for people. For a page, a phone, a program."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from nexus import engine
from nexus.transactions import one_snapshot

from .models import WorkOrder
from .states import OrderState

LAST_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Orders:
    """How many there are in each status: every status is there."""

    all: dict[str, int]
    last_day: dict[str, int]
    """Those that were filed within the last 24 hours."""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Machinery:
    """How queues and workers stand, whoever's work they do."""

    queues: list[engine.Depth]
    workers: list[engine.Worker]
    dead_letters: int
    approvals: int
    dispatcher_seen_at: datetime | None


@one_snapshot()
def orders(projects: Collection[int] | None = None) -> Orders:
    """Count the orders of these projects, or all. One statement; it reads every order."""
    recent = Count("pk", filter=Q(created_at__gte=Now() - LAST_DAY))
    seen = WorkOrder.objects.all() if projects is None else WorkOrder.objects.in_projects(projects)
    found: Any = seen.with_status()
    rows = list(found.order_by().values("status").annotate(n=Count("pk"), recent=recent))
    empty = dict.fromkeys((state.value for state in OrderState), 0)
    return Orders(
        all=empty | {str(row["status"]): row["n"] for row in rows},
        last_day=empty | {str(row["status"]): row["recent"] for row in rows},
        at=timezone.now(),
    )


@one_snapshot()
def machinery() -> Machinery:
    """Look at queues, workers and what waits. Five statements."""
    return Machinery(
        queues=engine.depths(), workers=engine.workers(), dead_letters=engine.count_dead(),
        approvals=engine.approvals.waiting().count(), dispatcher_seen_at=engine.dispatcher_seen_at(),
    )  # fmt: skip
