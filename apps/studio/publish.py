"""An event is kept once, and its tasks are written with it.

receive   from outside: the tasks are written into the run in this transaction
publish   from a task of the film: they are written as that task ends, with it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from nexus import engine
from nexus.transactions import requires_transaction
from workorders.triggers import applying
from workorders.triggers.mapping import Priority, Rule, TaskMap

from . import checkpoints, films, inputs
from .errors import EventChanged, UnknownEventType
from .events import TYPES, new_id
from .models import Film, FilmEvent
from .querysets import FilmQuerySet
from .taskmap import task_map
from .tasks import BY_NAME

ASK = Rule(event_type="", task_type="REQUEST_APPROVAL", agent=BY_NAME["REQUEST_APPROVAL"].agent, priority=Priority.HIGH)


@dataclass(frozen=True, kw_only=True)
class Received:
    """An event as it is kept, and whether it was kept before."""

    event: FilmEvent
    is_repeated: bool


def locked(films: FilmQuerySet) -> FilmQuerySet:
    """The same films; whoever reads one has its row until the end of the transaction.

    Two that send one event at once: the second waits there, and is given what the first has kept.
    """
    return films.select_related("order__run", "project").select_for_update(no_key=True, of=("self",))


@requires_transaction
def receive(film: Film, given: Mapping[str, Any], *, actor: str) -> Received:
    """Keep an event from outside and write its tasks. Raise UnknownEventType, EventChanged, IllegalMove."""
    return keep(locked(Film.objects.all()).get(pk=film.pk), given, actor=actor)


@requires_transaction
def keep(film: Film, given: Mapping[str, Any], *, actor: str) -> Received:
    """The same, of a film whose row the caller has: see `locked`."""
    mark = fingerprint(given)
    event_id = given.get("event_id")
    known = event_id and FilmEvent.objects.filter(film=film, event_id=event_id).first()
    if known:
        if known.fingerprint != mark:
            raise EventChanged(pointer="#/event_id")
        known.film = film
        return Received(event=known, is_repeated=True)
    rules = task_map(film.project_id)
    if given["type"] not in TYPES and not rules.of_event(given["type"]):
        raise UnknownEventType(pointer="#/type")  # unless somebody has mapped it
    row = _row(film, given["type"], given["payload"], actor=given.get("actor") or actor, event_id=event_id)
    row.fingerprint, row.causation_id = mark, given.get("causation_id", "")
    row.happened_at = given.get("timestamp") or row.happened_at
    row.blackboard_pointer, row.metadata = given.get("blackboard_pointer", ""), dict(given.get("metadata") or {})
    specs = tasks_of(film, row, rules=rules)
    row.tasks = [spec.key for spec in specs]
    applying.apply(run_id=film.order.run_id, event=facts(row), tasks=specs)
    row.save(force_insert=True)
    _end_with(film, row)
    return Received(event=row, is_repeated=False)


def _end_with(film: Film, row: FilmEvent) -> None:
    if row.type == "PROJECT_FINALIZED":
        films.finalize(film)
    elif row.type == "FINAL_VIDEO_READY" and not checkpoints.holds(film, row.type):
        keep(film, {"type": "PROJECT_FINALIZED", "payload": {}, "causation_id": row.event_id}, actor="ChefAgent")


@requires_transaction
def publish(
    context: engine.Context, film: Film, event_type: str, payload: Mapping[str, Any], *, number: int,
    metadata: Mapping[str, Any] | None = None,
) -> list[engine.TaskSpec]:  # fmt: skip
    """Keep an event of a task; return its tasks, for that task's `then`. The same again when the task runs again."""
    known = FilmEvent.objects.filter(task_id=context.task_id, number=number).first()
    if known is not None:
        return tasks_of(film, known, after=context.key)
    row = _row(film, event_type, payload, actor=str(context.input.get("agent", "ChefAgent")))
    row.task_id, row.number, row.metadata = context.task_id, number, dict(metadata or {})
    row.causation_id = str(context.input.get("event_id", ""))
    specs = tasks_of(film, row, after=context.key)
    row.tasks = [spec.key for spec in specs]
    # The feed locks the run, hold() the task: in this order, as everywhere in the engine.
    applying.told(run_id=context.run_id, event=facts(row), tasks=specs, task_id=context.task_id)
    context.hold()
    row.save(force_insert=True)
    if event_type == "PROJECT_FINALIZED":
        films.finalize(film)
    return specs


def tasks_of(
    film: Film, event: FilmEvent, *, after: str = "", is_passed: bool = False, rules: TaskMap | None = None
) -> list[engine.TaskSpec]:
    """What an event brings about: its mapped tasks; or, at a checkpoint that it has not passed, the question."""
    parents = (after,) if after else ()
    if not is_passed and checkpoints.holds(film, event.type):
        return inputs.specs_of(film, event, [ASK], after=parents)
    rules = rules or task_map(film.project_id)
    return inputs.specs_of(film, event, rules.of_event(event.type), after=parents)


def facts(event: FilmEvent) -> dict[str, Any]:
    """For the order's feed."""
    told = {"event_id": event.event_id, "type": event.type, "actor": event.actor, "causation_id": event.causation_id}
    return {name: said for name, said in told.items() if said}


def fingerprint(given: Mapping[str, Any]) -> str:
    """Of everything that was said, whatever the order of its names."""
    said = {name: value for name, value in given.items() if name != "project"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _row(
    film: Film, event_type: str, payload: Mapping[str, Any], *, actor: str, event_id: str | None = None
) -> FilmEvent:
    now = timezone.now()
    return FilmEvent(
        film=film, event_id=event_id or new_id(now), type=event_type, actor=actor[:200], happened_at=now,
        payload=dict(payload),
    )  # fmt: skip
