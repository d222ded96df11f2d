"""What a task is given of its event: the fields that have names, and all of its payload."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils import timezone

from nexus import engine
from workorders.triggers.mapping import Rule

from .models import Film, FilmEvent
from .tasks import lock_of

NAMED: Final[tuple[str, ...]] = (
    "shot_id", "shot_spec", "artifact_url", "keyframe_type", "failure_reason", "qa_report", "character_id", "notes",
    "stage", "redo", "seconds",
)  # fmt: skip
"""What of a payload stands in a task's input by itself."""


def specs_of(
    film: Film, event: FilmEvent, rules: Sequence[Rule], *, after: Sequence[str] = ()
) -> list[engine.TaskSpec]:
    """The tasks that `rules` make of an event, with the keys that it has, or will have."""
    wanted = [(rule, fields) for rule in rules for fields in _each(rule, event.payload)]
    keys = event.tasks or _new_keys(film, event, wanted)
    return [
        spec(film, rule, {**base(film, event), **fields}, key=key, after=after)
        for key, (rule, fields) in zip(keys, wanted, strict=True)
    ]


def base(film: Film, event: FilmEvent) -> dict[str, Any]:
    """What every task knows of its event."""
    return {
        "project_id": film.name,
        "event_type": event.type,
        "event_id": event.event_id,
        "causation_event_id": event.event_id,
        "payload": event.payload,
    }


def spec(film: Film, rule: Rule, given: Mapping[str, Any], *, key: str, after: Sequence[str] = ()) -> engine.TaskSpec:
    """A task of a film, as the engine takes it."""
    about = f" · {given['shot_id']}" if given.get("shot_id") else ""
    return engine.TaskSpec(
        key=key,
        type=rule.task_type,
        title=f"{rule.task_type} · {rule.agent}{about}",
        input={**given, "agent": rule.agent},
        priority=rule.priority,
        after=(*after, *(_sounds(film) if rule.task_type == "ASSEMBLE_FINAL" else ())),
        exclusive=lock_of(rule.task_type, film=film.pk, character=str(given.get("character_id") or "")),
    )


def key_of(*parts: object) -> str:
    """TASK-YYYYMMDD-8hex: the same for the same parts, on the same day."""
    said = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:8]
    return f"TASK-{timezone.now():%Y%m%d}-{said}"


def _each(rule: Rule, payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The named fields; once for each shot where the event is about several and the task is about one."""
    shots = _shots(payload.get("shots"))
    if shots and rule.task_type.startswith(("GENERATE_KEYFRAME", "GENERATE_PREVIEW", "GENERATE_FINAL")):
        return [_named({**payload, "shot_id": one["shot_id"], "shot_spec": one}) for one in shots]
    return [_named(payload)]


def _shots(said: Any) -> list[dict[str, Any]]:
    """What an event says of several shots; nothing where it is about one, or says something else."""
    if not isinstance(said, list) or not all(isinstance(one, dict) and "shot_id" in one for one in said):
        return []
    return said


def _sounds(film: Film) -> tuple[str, ...]:
    """The whole film waits for its music and its voice."""
    made = engine.tasks.of(film.order.run_id).filter(type__in=("COMPOSE_MUSIC", "RENDER_VOICE"))
    return tuple(made.exclude(state="cancelled").values_list("key", flat=True))


def _named(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: payload[name] for name in NAMED if name in payload}


def _new_keys(film: Film, event: FilmEvent, wanted: Sequence[tuple[Rule, Mapping[str, Any]]]) -> list[str]:
    """Eight hex digits may meet another task's: then the next ones are taken."""
    taken: set[str] = set()
    keys = []
    for place, (rule, _) in enumerate(wanted):
        turn = 0
        while (key := key_of(film.pk, event.event_id, rule.task_type, place, turn)) in taken or _is_there(film, key):
            turn += 1
        taken.add(key)
        keys.append(key)
    return keys


def _is_there(film: Film, key: str) -> bool:
    return engine.tasks.filter(run_id=film.order.run_id, key=key).exists()
