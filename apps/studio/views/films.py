"""Films: listed, shown, their money, their files."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.workspace.errors import WorkspaceRefused
from apps.accounts.access import caller_of
from apps.api import pages, parameters
from apps.api.schema import CURSOR, PAGE_SIZE, problems, query
from apps.studio import budget, buying, desk, examples, shown
from apps.studio.shapes import FilmBudget, FilmOut, FilmPage

PROJECT = query("project", "Whose film: a project's slug. Needed where several have one of this name.", str)
MEDIA_TYPES = {"png": "image/png", "webp": "image/webp", "wav": "audio/wav"}
OTHER = "application/octet-stream"


class Films(APIView):
    """The caller's films."""

    @extend_schema(
        operation_id="listFilms",
        summary="List films, newest first",
        parameters=[PAGE_SIZE, CURSOR, PROJECT],
        responses={200: FilmPage, **problems(400, 401, 403, 503)},
        examples=[examples.FILMS],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        asked = request.query_params
        parameters.only(asked, ("cursor", "page_size", "project"))
        rows = desk.seen(caller_of(request))
        if (slug := asked.get("project")) is not None:
            rows = rows.filter(project__slug=slug.replace("\x00", "")[:64])
        page = pages.cut(rows, request, of="films")
        status = desk.statuses(page.rows)
        lines = [shown.line(film, status[film.order_id]) for film in page.rows]
        return Response({"results": lines, "next": page.next, "previous": page.previous})


class OneFilm(APIView):
    """One film."""

    @extend_schema(
        operation_id="getFilm",
        summary="Show a film: its shots, tasks and files",
        parameters=[PROJECT],
        responses={200: FilmOut, **problems(400, 401, 403, 404, 422, 503)},
        examples=[examples.FILM],
    )
    def get(self, request: Request, name: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ("project",))
        film = desk.find(request, name, project=request.query_params.get("project"))
        return Response(shown.whole(film, desk.status_of(film)))


class BudgetOfFilm(APIView):
    """What a film costs."""

    @extend_schema(
        operation_id="getFilmBudget",
        summary="Show how a film's budget stands and where it is heading",
        description=(
            "`CRITICAL`: more than 110 % is predicted, by the shots that are done. `WARNING`: more than 90 % is used. "
            "`CAUTION`: more than 70 %. From 80 % on the film works with one quality less: see `strategy`."
        ),
        parameters=[PROJECT],
        responses={200: FilmBudget, **problems(400, 401, 403, 404, 422, 503)},
        examples=[examples.BUDGET],
    )
    def get(self, request: Request, name: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ("project",))
        return Response(budget.wire(desk.find(request, name, project=request.query_params.get("project"))))


class FileOfFilm(APIView):
    """A picture, a clip or a sound."""

    @extend_schema(
        operation_id="getFilmFile",
        summary="Download a picture, a clip or a sound of a film",
        description="For example `shots/shot-01/keyframe-7.png`, as its shot and its task's output name it.",
        parameters=[PROJECT],
        responses={
            **{
                (200, kind): OpenApiResponse(OpenApiTypes.BINARY, "The file.")
                for kind in (*MEDIA_TYPES.values(), OTHER)
            },
            **problems(400, 401, 403, 404, 422, 503),
        },
    )
    def get(self, request: Request, name: str, path: str) -> HttpResponse:
        """Send it, never as a page."""
        parameters.only(request.query_params, ("project",))
        film = desk.find(request, name, project=request.query_params.get("project"))
        try:
            data = buying.workspace(film).read(path)
        except WorkspaceRefused:
            raise NotFound("There is no such file.") from None
        kind = MEDIA_TYPES.get(path.rpartition(".")[2], OTHER)
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return HttpResponse(data, content_type=kind, headers=headers)
