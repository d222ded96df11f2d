"""Which part of a scope's work is done: what predictions go by. None where nobody can say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db.models import Count, Q
from django.utils import timezone

from billing import periods
from nexus import engine


def done_of(kind: str, key: str, *, run_id: int | None = None) -> Fraction | None:
    """The part that is done of an order (its run is `run_id`), a project or a day. A role's work has no end."""
    match kind:
        case "order":
            return None if run_id is None else of_run(run_id)
        case "project":
            return of_tenant(key)
        case "day":
            return of_day(date.fromisoformat(key), timezone.now())
        case _:
            return None


def of_run(run_id: int) -> Fraction | None:
    """Completed tasks out of all that were not cancelled. More may be drawn up later: then it goes back."""
    tasks = engine.tasks.filter(run_id=run_id).exclude(state=engine.TaskState.CANCELLED)
    return _of(tasks.aggregate(whole=Count("id"), done=Count("id", filter=Q(state=engine.TaskState.COMPLETED))))


def of_tenant(tenant: str) -> Fraction | None:
    """Runs that are over out of all there are."""
    runs = engine.runs.filter(tenant=tenant)
    return _of(runs.aggregate(whole=Count("id"), done=Count("id", filter=~Q(state=engine.RunState.OPEN))))


def of_day(day: date, now: datetime) -> Fraction:
    """The part of that day that has passed, in the installation's time zone; a day may have 23 or 25 hours."""
    zone = timezone.get_default_timezone()
    begin, end = periods.midnight(day, zone=zone), periods.midnight(day + timedelta(days=1), zone=zone)
    passed = (min(max(now, begin), end) - begin) // timedelta(microseconds=1)
    return Fraction(passed, (end - begin) // timedelta(microseconds=1))


def _of(counted: dict[str, int]) -> Fraction | None:
    return Fraction(counted["done"], counted["whole"]) if counted["whole"] else None
