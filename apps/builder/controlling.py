"""What people tell a project: pause, resume, stop, restart, cancel. What its state does not allow is refused.

The run is the engine's: its moves commit by themselves, so each action first writes what is wanted into the project's
row, and then moves the run. A stage that begins between the two reads the row: see building.rest_if_paused.
"""

from __future__ import annotations

import contextlib
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from nexus import engine

from . import beginning, stages, states
from .models import BuildProject


def control(project_id: int, *, action: str, reason: str = "", from_stage: str = "", actor: str = "") -> None:
    """Tell the project; raise IllegalMove where it does not stand so, and StageUnknown."""
    stage = stages.named(from_stage).name if from_stage else ""
    match action:
        case "pause":
            _pause(project_id, reason=reason, actor=actor)
        case "resume":
            _resume(project_id, reason=reason, actor=actor)
        case "restart":
            _restart(project_id, stage=stage, reason=reason, actor=actor)
        case _:
            _end(project_id, action=action, reason=reason, actor=actor)


def _held(project_id: int, action: str) -> Any:
    """The project's row, locked, where it may be told this."""
    # The status is derived, and so cannot be computed by the statement that locks; from here on nobody else tells it.
    BuildProject.objects.select_for_update(no_key=True).get(pk=project_id)
    project: Any = BuildProject.objects.with_status().get(pk=project_id)
    if not states.may(action, project.status):
        raise engine.IllegalMove(
            f"A project that is {project.status} cannot be told to {action}", status=project.status
        )
    return project


def _pause(project_id: int, *, reason: str, actor: str) -> None:
    with transaction.atomic():
        project = _held(project_id, "pause")
        BuildProject.objects.filter(pk=project_id).update(pause_requested_at=Now(), updated_at=Now())
    # A stage that runs goes on to its end; the next one sees the wish. Where none runs, nobody would.
    if not engine.tasks.of(project.run_id).running().exists():
        with contextlib.suppress(engine.IllegalMove):
            engine.pause(run_id=project.run_id, actor=actor, reason=reason)


def _resume(project_id: int, *, reason: str, actor: str) -> None:
    with transaction.atomic():
        project = _held(project_id, "resume")
        BuildProject.objects.filter(pk=project_id).update(pause_requested_at=None, updated_at=Now())
    with contextlib.suppress(engine.IllegalMove):  # where its stage still runs, it was not held yet
        engine.resume(run_id=project.run_id, actor=actor, reason=reason)


def _end(project_id: int, *, action: str, reason: str, actor: str) -> None:
    with transaction.atomic():
        project = _held(project_id, action)
        BuildProject.objects.filter(pk=project_id).update(pause_requested_at=None, completed_at=Now(), updated_at=Now())
    engine.cancel(run_id=project.run_id, actor=actor, reason=reason)


def _restart(project_id: int, *, stage: str, reason: str, actor: str) -> None:
    with transaction.atomic():
        project = _held(project_id, "restart")
    with contextlib.suppress(engine.IllegalMove):  # ended already
        engine.cancel(run_id=project.run_id, actor=actor, reason=reason or "restarted")
    with transaction.atomic():
        held = BuildProject.objects.select_for_update(no_key=True).get(pk=project_id)
        if held.run_id != project.run_id:
            raise engine.IllegalMove("Somebody else has restarted it just now")
        beginning.begin_again(held, stage=stage or _first_open(held))


def _first_open(project: BuildProject) -> str:
    """Where it stopped; a project that is completed begins at its beginning."""
    waiting = project.stages.filter(completed_at__isnull=True, is_skipped=False).order_by("number")
    return waiting.values_list("name", flat=True).first() or project.order[0]


def end_for_good(project: BuildProject, *, actor: str) -> None:
    """Stop whatever still builds a project that is about to be deleted."""
    with contextlib.suppress(engine.IllegalMove):
        engine.cancel(run_id=project.run_id, actor=actor, reason="deleted")
