"""Films, events and tasks as the doors show them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from billing import money
from billing.errors import UnknownPrice
from billing.models import LedgerEntry
from nexus import engine

from . import buying, tasks
from .media.maker import Wanted
from .models import Film, FilmEvent

KINDS = {"ImageGenAgent": "image", "VideoGenAgent": "video", "MusicComposer": "music", "VoiceActor": "voice"}


def line(film: Film, status: str) -> dict[str, Any]:
    """A film in a list."""
    return {
        "project_id": film.name,
        "project": film.project.slug,
        "work_order": film.order.public_id,
        "title": film.title,
        "status": status,
        "quality": film.quality,
        "strategy": film.strategy,
        "duration_seconds": film.duration_seconds,
        "created_at": film.created_at.isoformat(),
        "finalized_at": film.finalized_at.isoformat() if film.finalized_at else None,
    }


def whole(film: Film, status: str) -> dict[str, Any]:
    """A film in full."""
    work = buying.workspace(film)
    shots = ("shot_id", "spec", "keyframe", "preview", "final", "tries")
    return {
        **line(film, status),
        "brief": film.brief,
        "script": film.script,
        "user_options": film.user_options,
        "shots": list(film.shots.values(*shots)),
        "tasks": tasks_of(film),
        "files": [one.path for one in work.entries() if not one.is_folder] if work.root.exists() else [],
    }


def event(row: FilmEvent) -> dict[str, Any]:
    """An event as it is kept."""
    paused = row.film.order.run.paused_at is not None
    received = row.received_at if hasattr(row.received_at, "isoformat") else timezone.now()
    return {
        "event_id": row.event_id,
        "project_id": row.film.name,
        "project": row.film.project.slug,
        "type": row.type,
        "actor": row.actor,
        "causation_id": row.causation_id or None,
        "timestamp": row.happened_at.isoformat(),
        "received_at": received.isoformat(),
        "payload": row.payload,
        "blackboard_pointer": row.blackboard_pointer,
        "metadata": row.metadata,
        "tasks": row.tasks,
        "status": "unmapped" if not row.tasks else "kept" if paused else "applied",
        "work_order": row.film.order.public_id,
    }


def tasks_of(film: Film) -> list[dict[str, Any]]:
    """Every task of a film but the one that keeps it open, oldest first."""
    run = film.order.run
    rows = list(engine.tasks.of(run.pk).exclude(type=tasks.FILM)[:1000])
    parents: dict[int, list[str]] = defaultdict(list)
    edges = engine.Dependency.objects.filter(child__run_id=run.pk).order_by("id")
    for child, key in edges.values_list("child_id", "parent__key"):
        parents[child].append(key)
    lines = LedgerEntry.objects.filter(run_id=run.pk).order_by("task_id").values_list("task_id")
    costs = dict(lines.annotate(Sum("amount")))
    return [_task(film, row, run, parents[row.pk], costs.get(row.pk, money.ZERO)) for row in rows]


def _task(film: Film, row: engine.Task, run: engine.Run, parents: list[str], cost: Decimal) -> dict[str, Any]:
    return {
        "task_id": row.key,
        "project_id": film.name,
        "task_type": row.type,
        "assigned_to": row.input.get("agent", ""),
        "status": row.state.upper(),
        "priority": row.priority,
        "input": row.input,
        "output": row.output,
        "dependencies": parents,
        "estimated_cost": _estimate(film, row),
        "actual_cost": money.text(cost),
        "retry_count": max(0, row.attempt - 1),
        "max_retries": row.max_attempts - 1,
        "causation_event_id": row.input.get("causation_event_id"),
        "lock_key": row.exclusive,
        "waiting_for": engine.why(row, run=run, parents=parents),
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "completed_at": row.finished_at.isoformat() if row.finished_at else None,
    }


def _estimate(film: Film, row: engine.Task) -> str | None:
    """What is bought for it costs so much; None where nothing is, or a model is asked."""
    kind = KINDS.get(row.input.get("agent", ""))
    if kind is None:
        return None
    each = film.duration_seconds / film.shots_wanted if kind == "video" else film.duration_seconds
    try:
        return money.text(buying.price(Wanted(kind=kind, prompt="", seconds=each))[1])  # type: ignore[arg-type]
    except UnknownPrice:
        return None
