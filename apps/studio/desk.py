"""From a request to a film: the one way to find films and take in events for a caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from apps.accounts.access import Caller, caller_of, readable, writable
from apps.api.errors import ReadOnlyMember
from apps.api.orders import project_of, reach_of
from workorders.models import WorkOrder

from . import films, publish
from .errors import AmbiguousFilm
from .models import Film, FilmEvent
from .publish import Received
from .querysets import FilmQuerySet
from .shapes import FilmIn

CREATED = "PROJECT_CREATED"


def seen(caller: Caller) -> FilmQuerySet:
    """The films that the caller may see."""
    ids = readable(caller).values_list("pk", flat=True)
    return Film.objects.in_projects(ids).select_related("order__run", "project")


def find(request: Request, name: str, *, project: str | None = None, rows: FilmQuerySet | None = None) -> Film:
    """The film of this name. Unknown and somebody else's are the same 404; AmbiguousFilm where several have it.

    It is looked for among `rows`, else among all that the caller may see.
    """
    rows = (seen(caller_of(request)) if rows is None else rows).named(name)
    found = list((rows.filter(project__slug=project.replace("\x00", "")[:64]) if project else rows).order_by("pk")[:2])
    if not found:
        raise NotFound("There is no such film.")
    if len(found) > 1:
        raise AmbiguousFilm(pointer="?project" if request.method == "GET" else "#/project")
    return found[0]


def status_of(film: Film) -> str:
    """The status of its order."""
    return statuses([film])[film.order_id]


def statuses(films: Iterable[Film]) -> dict[int, str]:
    """The status of each film's order, by the order's row; one statement."""
    orders: Any = WorkOrder.objects.with_status().filter(pk__in=[film.order_id for film in films])
    return {order.pk: str(order.status) for order in orders}


def take_in(request: Request, given: Mapping[str, Any]) -> Received:
    """Keep an event for the caller, in the caller's transaction; PROJECT_CREATED makes its film first."""
    caller = caller_of(request)
    name, slug = str(given["project_id"]), given.get("project")
    said = {**given, "payload": given.get("payload", {})}
    if given["type"] == CREATED:
        film, made = _created(caller, name, slug, said)
        received = publish.receive(film, said, actor=caller.user.get_username())
        if made:
            allocated = {"type": "BUDGET_ALLOCATED", "payload": {"total_usd": str(film.order.budget_usd)}}
            publish.receive(film, {**allocated, "causation_id": received.event.event_id}, actor="ChefAgent")
        return received
    film = find(request, name, project=slug, rows=publish.locked(seen(caller)))
    if not writable(caller).filter(pk=film.project_id).exists():
        raise ReadOnlyMember
    return publish.keep(film, said, actor=caller.user.get_username())


def _created(caller: Caller, name: str, slug: str | None, said: Mapping[str, Any]) -> tuple[Film, bool]:
    """The film that the event makes; the one that it made before where it comes again."""
    project = project_of(reach_of(caller), slug)
    before = FilmEvent.objects.filter(film__project=project, film__name=name, event_id=said.get("event_id", ""))
    if known := before.select_related("film").first():
        return known.film, False
    shape = FilmIn(data=said["payload"])
    if not shape.is_valid():
        raise ValidationError({"payload": shape.errors})
    who = caller.user.get_username()
    return films.create(project=project, name=name, given=shape.validated_data, requester=who), True
