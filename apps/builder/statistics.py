"""Counts of builds and invocations, from rows: nothing here is estimated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from nexus import engine

from .models import Agent, BuildProject, Invocation
from .states import AgentStatus, ProjectStatus

Json = dict[str, Any]
P = ProjectStatus
TOP = 10
SILENT_FOR = timedelta(seconds=30)
"""A dispatcher that has said nothing for so long is taken for dead."""
TOOK = ExpressionWrapper(F("completed_at") - F("started_at"), output_field=DurationField())


def overview(tenants: Sequence[int]) -> Json:
    """How everything stands."""
    builds = _by_status(tenants)
    agents, asked = Agent.objects.in_projects(tenants), Invocation.objects.in_projects(tenants)
    done, failed = builds.get(P.COMPLETED, 0), builds.get(P.FAILED, 0)
    finished = BuildProject.objects.in_projects(tenants).in_status(P.COMPLETED.value)
    took = finished.filter(started_at__isnull=False).aggregate(took=Avg(TOOK))["took"]
    return {
        "total_projects": sum(builds.values()), "building_projects": builds.get(P.BUILDING, 0),
        "completed_projects": done, "failed_projects": failed, "total_agents": agents.count(),
        "running_agents": agents.filter(status=AgentStatus.RUNNING).count(), "total_invocations": asked.count(),
        "today_invocations": asked.filter(created_at__gte=_midnight(timezone.localdate())).count(),
        "success_rate": _percent(done, done + failed), "avg_build_time_minutes": _minutes(took),
    }  # fmt: skip


def builds(tenants: Sequence[int], *, days: int) -> list[Json]:
    """Builds by the day on which they were begun, oldest first, days without any among them."""
    since = _first_day(days)
    rows = BuildProject.objects.in_projects(tenants).filter(created_at__gte=_midnight(since)).with_status()
    told: dict[date, Json] = {
        day: {
            "date": day.isoformat(), "total_builds": 0, "successful_builds": 0, "failed_builds": 0,
            "in_progress_builds": 0, "avg_duration_minutes": None,
        }
        for day in _days(since, days)
    }  # fmt: skip
    counted = rows.order_by().annotate(day=TruncDate("created_at")).values("day", "status").annotate(n=Count("id"))
    for row in counted:
        line = told[row["day"]]
        line["total_builds"] += row["n"]
        kind = {P.COMPLETED: "successful_builds", P.FAILED: "failed_builds"}.get(row["status"])
        if kind is None and row["status"] in (P.BUILDING, P.QUEUED, P.PAUSED):
            kind = "in_progress_builds"
        if kind:
            line[kind] += row["n"]
    ended = rows.filter(status=P.COMPLETED.value, started_at__isnull=False).order_by()
    for row in ended.annotate(day=TruncDate("created_at")).values("day").annotate(took=Avg(TOOK)):
        told[row["day"]]["avg_duration_minutes"] = _minutes(row["took"])
    return list(told.values())


def invocations(tenants: Sequence[int], *, days: int) -> list[Json]:
    """Invocations by day, oldest first, days without any among them."""
    since = _first_day(days)
    rows = Invocation.objects.in_projects(tenants).filter(created_at__gte=_midnight(since)).order_by()
    counted = rows.annotate(day=TruncDate("created_at")).values("day").annotate(
        total=Count("id"), good=Count("id", filter=Q(status="success")), took=Avg("duration_ms"),
        agents=Count("agent", distinct=True),
    )  # fmt: skip
    found = {row["day"]: row for row in counted}
    return [
        {
            "date": day.isoformat(), "total_invocations": row["total"] if row else 0,
            "successful_invocations": row["good"] if row else 0,
            "failed_invocations": row["total"] - row["good"] if row else 0,
            "avg_duration_ms": round(row["took"], 1) if row else None, "active_agents": row["agents"] if row else 0,
        }
        for day in _days(since, days)
        for row in [found.get(day)]
    ]  # fmt: skip


def categories(tenants: Sequence[int]) -> list[Json]:
    """Agents by category."""
    rows = Agent.objects.in_projects(tenants).order_by().values("category")
    counted = rows.annotate(n=Count("id"), running=Count("id", filter=Q(status=AgentStatus.RUNNING)))
    return [
        {"category": row["category"], "agents": row["n"], "running_agents": row["running"]}
        for row in counted.order_by("-n", "category")
    ]


def top_agents(tenants: Sequence[int], *, days: int) -> list[Json]:
    """The agents that were asked most."""
    asked = Q(invocations__created_at__gte=_midnight(_first_day(days)))
    rows = Agent.objects.in_projects(tenants).annotate(
        n=Count("invocations", filter=asked),
        good=Count("invocations", filter=asked & Q(invocations__status="success")),
        took=Avg("invocations__duration_ms", filter=asked),
    )  # fmt: skip
    return [
        {
            "agent_id": row.public_id, "agent_name": row.name, "category": row.category, "invocations": row.n,
            "success_rate": _percent(row.good, row.n), "avg_duration_ms": round(row.took, 1),
        }
        for row in rows.filter(n__gt=0).order_by("-n", "-id")[:TOP]
    ]  # fmt: skip


def recent(tenants: Sequence[int], *, limit: int) -> list[Json]:
    """What happened last: builds and invocations, newest first."""
    begun = BuildProject.objects.in_projects(tenants).with_status().order_by("-updated_at", "-id")[:limit]
    asked = Invocation.objects.in_projects(tenants).select_related("agent").order_by("-created_at", "-id")[:limit]
    told: list[Json] = [
        {"type": "build", "id": row.public_id, "name": row.name, "status": row.status, "at": row.updated_at.isoformat()}
        for row in begun
    ]
    told += [
        {
            "type": "invocation", "id": row.public_id, "name": row.agent.name, "status": row.status,
            "at": row.created_at.isoformat(),
        }
        for row in asked
    ]  # fmt: skip
    return sorted(told, key=lambda line: str(line["at"]), reverse=True)[:limit]


def health(tenants: Sequence[int]) -> Json:
    """critical: nobody dispatches; warning: under half of a day's invocations succeed; degraded: under 80 per cent.

    A database that is away is a 503 here, as everywhere.
    """
    day = Invocation.objects.in_projects(tenants).filter(created_at__gte=timezone.now() - timedelta(days=1))
    sums = day.aggregate(n=Count("id"), good=Count("id", filter=Q(status="success")))
    rate = _percent(sums["good"], sums["n"]) if sums["n"] else None
    dispatched = engine.dispatcher_seen_for(SILENT_FOR)
    usual = "healthy" if rate is None or rate >= 80 else "degraded" if rate >= 50 else "warning"
    return {
        "status": usual if dispatched else "critical", "dispatcher": "ok" if dispatched else "down",
        "invocations": sums["n"], "success_rate": rate,
    }  # fmt: skip


def _by_status(tenants: Sequence[int]) -> dict[str, int]:
    rows = BuildProject.objects.in_projects(tenants).with_status().order_by().values("status")
    return dict(rows.annotate(n=Count("id")).values_list("status", "n"))


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _minutes(took: timedelta | None) -> float | None:
    return round(took.total_seconds() / 60, 2) if took is not None else None


def _first_day(days: int) -> date:
    return timezone.localdate() - timedelta(days=days - 1)


def _days(since: date, days: int) -> list[date]:
    return [since + timedelta(days=number) for number in range(days)]


def _midnight(day: date) -> Any:
    return timezone.make_aware(datetime.combine(day, time.min))
