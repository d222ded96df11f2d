"""The doors of apps/studio."""

from __future__ import annotations

from collections.abc import Mapping

from apps.studio import buying
from apps.studio.models import EventMapping, Film
from tests.support.people import Cast

from . import SECRET, Door, lists, own

FILM = "quagga-film"
PICTURE = "shots/shot-01/keyframe-1.png"


def a_film(cast: Cast) -> Mapping[str, object]:
    """One of Alice's, with an event and a file."""
    if not Film.objects.filter(project=cast.acme, name=FILM).exists():
        said = {"project_id": FILM, "type": "PROJECT_CREATED", "event_id": FILM, "payload": {"brief": SECRET}}
        answer = cast.alice.post("/api/v2/events", said)
        assert answer.status_code == 201, answer.content
        buying.workspace(Film.objects.get(name=FILM)).write(PICTURE, SECRET.encode())
    return {"name": FILM, "event_id": FILM, "path": PICTURE}


def a_mapping(cast: Cast) -> Mapping[str, object]:
    """One of Alice's project."""
    asked = {"project": cast.acme, "event_type": "QUAGGA_SEEN", "task_type": "CHECK_CONSISTENCY"}
    return {"id": EventMapping.objects.get_or_create(**asked, defaults={"agent": SECRET})[0].pk}


BEGINS = {"project_id": "another", "project": "acme", "type": "PROJECT_CREATED", "payload": {"brief": "A dog runs"}}
MAPS = {"project": "acme", "event_type": "STORYBOARD_DRAWN", "task_type": "CHECK_CONSISTENCY"}
DOORS: dict[str, Door] = {
    "api/v2/events": lists(says=BEGINS),
    "api/v2/events/<film_event:event_id>": own(a_film),
    "api/v2/event-mappings": lists(says=MAPS),
    "api/v2/event-mappings/<mapping:id>": own(a_mapping),
    "api/v2/films": lists(),
    "api/v2/films/<film:name>": own(a_film),
    "api/v2/films/<film:name>/budget": own(a_film),
    "api/v2/films/<film:name>/files/<film_file:path>": own(a_film),
}
