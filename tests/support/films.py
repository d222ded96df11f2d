"""Films for tests: told over HTTP as any client would, worked on in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.test import override_settings

from apps.studio.models import Film
from nexus import engine
from tests.support import runs, stories
from tests.support.people import Person

EVENTS = "/api/v2/events"
BRIEF = {
    "brief": "A keeper and a dog see the first ship of the year",
    "duration_seconds": 1,
    "shots": 2,
    "quality": "fast",
}


@contextmanager
def a_studio(folder: Path) -> Iterator[None]:
    """Models that answer, prices, and a folder for the files."""
    with stories.models_answered(), override_settings(NEXUS_WORKSPACES=str(folder)):
        yield


def tell(
    who: Person, event_type: str, payload: dict[str, Any] | None = None, *, film: str = "lighthouse", **more: Any
) -> Any:
    """POST an event; the answer as it came."""
    return who.post(EVENTS, {"project_id": film, "type": event_type, "payload": payload or {}, **more})


def begun(who: Person, *, film: str = "lighthouse", **payload: Any) -> Film:
    """A film that was created and not worked on."""
    answer = tell(who, "PROJECT_CREATED", {**BRIEF, **payload}, film=film)
    assert answer.status_code == 201, answer.content
    return Film.objects.get(name=film, order__public_id=answer.json()["work_order"])


def work(film: Film, *, most: int = 300) -> Film:
    """Do everything that can be done now; return the film as it is then."""
    runs.work(engine.runs.get(pk=film.order.run_id), most=most)
    return Film.objects.select_related("order").get(pk=film.pk)


def asked(film: Film) -> engine.Approval | None:
    """What people have to decide, oldest first."""
    return engine.approvals.waiting().filter(run_id=film.order.run_id).order_by("id").first()


def say(approval: engine.Approval, word: str, reason: str = "", actor: str = "alice") -> None:
    """Decide about it."""
    engine.decide(approval_id=approval.pk, decision=word, hash=approval.hash, actor=actor, reason=reason)  # type: ignore[arg-type]


def types_of(film: Film) -> list[str]:
    """The types of the film's events, oldest first."""
    return list(film.events.order_by("id").values_list("type", flat=True))


def tasks_of(film: Film) -> dict[str, list[str]]:
    """Task type -> states, oldest first."""
    found: dict[str, list[str]] = {}
    for name, state in engine.tasks.of(film.order.run_id).values_list("type", "state"):
        found.setdefault(name, []).append(state)
    return found


def stuck(film: Film) -> list[tuple[object, ...]]:
    """What is not completed, and why."""
    left = engine.tasks.of(film.order.run_id).exclude(state="completed")
    return list(left.values_list("type", "state", "attempt", "wait", "error"))
