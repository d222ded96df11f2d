"""Letters that are the same failure, told as one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, QuerySet

from nexus.tasks.states import RunState, TaskState

from .models import DeadLetter


@dataclass(frozen=True, kw_only=True)
class Group:
    """One failure, however many tasks it stopped."""

    fingerprint: str
    count: int
    first_at: datetime
    last_at: datetime
    types: list[str]
    error: dict[str, Any]
    """Of the newest letter."""


def waiting(*, tenants: Collection[str] | None = None) -> QuerySet[DeadLetter]:
    """The letters whose tasks a person may drive again; of these tenants, or of all where None."""
    letters = DeadLetter.objects.filter(
        raised_at__isnull=True,
        task__state=TaskState.FAILED,
        task__run__state=RunState.OPEN,
        task__run__cancel_requested_at__isnull=True,
    )
    return letters if tenants is None else letters.filter(task__run__tenant__in=tenants)


def letters(*, fingerprint: str, tenants: Collection[str] | None = None, most: int = 100) -> list[DeadLetter]:
    """The letters of one failure that wait for a person, the oldest first, each with its task and its run."""
    found = waiting(tenants=tenants).filter(fingerprint=fingerprint)
    return list(found.select_related("task__run").order_by("id")[:most])


def groups(*, tenants: Collection[str] | None = None, fingerprint: str | None = None) -> list[Group]:
    """The failures that wait for a person, the largest first; only the named one where one is named."""
    found = waiting(tenants=tenants)
    rows = (
        (found if fingerprint is None else found.filter(fingerprint=fingerprint))
        .values("fingerprint")
        .annotate(
            count=Count("id"), first_at=Min("buried_at"), last_at=Max("buried_at"), newest=Max("id"),
            types=ArrayAgg("task__type", distinct=True, order_by="task__type"),
        )
        .order_by("-count", "fingerprint")
    )  # fmt: skip
    newest = DeadLetter.objects.in_bulk([row["newest"] for row in rows])
    return [
        Group(
            fingerprint=row["fingerprint"],
            count=row["count"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            types=row["types"],
            error=newest[row["newest"]].error,
        )
        for row in rows
    ]
