"""A film project: one work order, from PROJECT_CREATED to PROJECT_FINALIZED."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from nexus import engine
from nexus.transactions import requires_transaction
from workorders.flow import intake
from workorders.models import Project

from . import budget
from .errors import FilmExists
from .models import Film
from .tasks import FILM

OPEN = engine.TaskSpec(key="film", type=FILM, title="The film is open")
"""Waits for the end: without it the run would be over whenever nothing is to be done."""
AWAITS = "awaits_events"


@requires_transaction
def create(*, project: Project, name: str, given: Mapping[str, Any], requester: str, channel: str = "api") -> Film:
    """Write a film, its order and its budget. Raise FilmExists, and what intake raises."""
    # Two that create one film at once: the second waits at this row, and finds the film of the first.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Film.objects.filter(project=project, name=name).exists():
        raise FilmExists(pointer="#/project_id")
    limit: Decimal = given["budget_usd"] or budget.allocation(given["duration_seconds"], given["quality"])
    order = intake.accept(
        message=given["brief"], project=project, budget_usd=limit, priority=given["priority"], requester=requester,
        channel=channel, workflow="film", first=(OPEN,),
    )  # fmt: skip
    return Film.objects.create(
        order=order, project=project, name=name, title=given["title"] or name, brief=given["brief"],
        duration_seconds=given["duration_seconds"], shots_wanted=given["shots"], quality=given["quality"],
        strategy=given["quality"], user_options=given["user_options"],
    )  # fmt: skip


@requires_transaction
def finalize(film: Film) -> None:
    """The film is done: what keeps its run open is let go when this is committed."""
    if Film.objects.filter(pk=film.pk, finalized_at__isnull=True).update(finalized_at=Now()):
        transaction.on_commit(lambda: let_end(film.order.run_id))


def let_end(run_id: int) -> bool:
    """Let go of the task that keeps a finalized film's run open; False when it does not wait."""
    task = engine.tasks.of(run_id).parked_for(AWAITS).values_list("pk", flat=True).first()
    if task is None:
        return False
    try:
        engine.unpark(task_id=task, note="finalized")
    except engine.IllegalMove:
        return False  # somebody was faster
    return True


@engine.chore(every=2)
def end_finalized() -> int:
    """As `let_end`, for films that were finalized before that task had come to wait; return how many."""
    waiting = engine.tasks.parked_for(AWAITS).values("run_id")
    found = Film.objects.filter(finalized_at__isnull=False, order__run__in=waiting)
    return sum(let_end(run_id) for run_id in found.values_list("order__run_id", flat=True)[:100])
