"""Events: told, listed, looked up."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import pages, parameters
from apps.api.idempotency import Answer, once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, problems, query
from apps.studio import desk, examples, shown
from apps.studio.models import FilmEvent
from apps.studio.shapes import EventIn, EventOut, EventPage

FILM = query("project_id", "Only events of this film.", str)
TYPE = query("type", "Only events of this type.", str)
PROJECT = query("project", "Only films of the project with this slug.", str)


class Events(APIView):
    """What happened to the caller's films."""

    @extend_schema(
        operation_id="listFilmEvents",
        summary="List events, newest first",
        parameters=[PAGE_SIZE, CURSOR, FILM, TYPE, PROJECT],
        responses={200: EventPage, **problems(400, 401, 403, 503)},
        examples=[examples.PAGE],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = request.query_params
        parameters.only(asked, ("cursor", "page_size", "project_id", "type", "project"))
        rows = FilmEvent.objects.filter(film__in=desk.seen(caller_of(request)).values("pk"))
        for name, column in (("project_id", "film__name"), ("type", "type"), ("project", "film__project__slug")):
            if name in asked:
                rows = rows.filter(**{column: asked[name].replace("\x00", "")[:64]})
        page = pages.cut(rows.select_related("film__order__run", "film__project"), request, of="events")
        lines = [shown.event(row) for row in page.rows]
        return Response({"results": lines, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="tellFilmEvent",
        summary="Tell what happened: its tasks are written with it",
        description=(
            "The same `event_id` is the same event: told again it changes nothing and is answered with 200; with "
            "another body it is a 409. A type that is neither known nor mapped is a 422. `PROJECT_CREATED` makes the "
            "film: its payload says what it is about. While the film is paused its events are kept, and their tasks "
            "start when it is resumed. At a checkpoint people are asked first."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=EventIn,
        responses={201: EventOut, 200: EventOut, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.CREATED, examples.WRITTEN, examples.KEPT],
    )
    def post(self, request: Request) -> Response:
        """Take it in."""
        parameters.only(request.query_params, ())
        asked = EventIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: _told(request, asked))


def _told(request: Request, asked: EventIn) -> Answer:
    received = desk.take_in(request, asked.validated_data)
    row = received.event
    row.refresh_from_db(fields=["received_at"])  # it is the database's to say
    return Answer(200 if received.is_repeated else 201, shown.event(row), f"/api/v2/events/{row.event_id}")


class OneEvent(APIView):
    """One event."""

    @extend_schema(
        operation_id="getFilmEvent",
        summary="Show an event and its tasks",
        parameters=[FILM, PROJECT],
        responses={200: EventOut, **problems(400, 401, 403, 404, 503)},
        examples=[examples.KEPT],
    )
    def get(self, request: Request, event_id: str) -> Response:
        """Show it."""
        asked = request.query_params
        parameters.only(asked, ("project_id", "project"))
        rows = FilmEvent.objects.filter(film__in=desk.seen(caller_of(request)).values("pk"), event_id=event_id)
        for name, column in (("project_id", "film__name"), ("project", "film__project__slug")):
            if name in asked:
                rows = rows.filter(**{column: asked[name].replace("\x00", "")[:64]})
        row = rows.select_related("film__order__run", "film__project").order_by("pk").first()
        if row is None:
            raise NotFound("There is no such event.")
        return Response(shown.event(row))
