"""Telemetry, searched and exported; changes of definitions."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import access
from apps.accounts.access import caller_of
from apps.api import pages, parameters
from apps.api.answers import Shape
from apps.api.errors import BadParameter
from apps.api.schema import CURSOR, PAGE_SIZE, problems, query
from apps.workflows import changing, examples, reach, telemetry
from apps.workflows.models import Change, Execution

from .definitions import PROJECT

LIMIT = query("limit", "At most so many events, 1 to 1000.", default=1000)
AFTER = query("after", "Only events after this one: `next` of an answer.", default=0)
SEARCHED = [
    query("request_id", "The X-Request-Id of the request that began it.", OpenApiTypes.STR),
    query("order", "The order's id.", OpenApiTypes.STR),
    query("conversation", "The chat's id, as `convo_id` has it.", OpenApiTypes.STR),
    AFTER, LIMIT,
]  # fmt: skip
KNOWN = [one.name for one in SEARCHED]


class Told(Shape):
    """Events, oldest first. Each has the fields of its type beside these."""

    results = s.ListField(child=s.DictField())
    next = s.IntegerField(allow_null=True, help_text="`after` of the next page; null where there is none.")


class Telemetry(APIView):
    """What workflows have told of themselves."""

    @extend_schema(
        operation_id="listWorkflowTelemetry",
        summary="Search what workflows told of themselves",
        description=(
            "StageStart, StageEnd, StageValidationFailed, GuardEvent, CacheEvent and BridgeSummary. `sensitive` names "
            "the fields of an event that hold what people have said; secrets are taken out before anything is stored."
        ),
        parameters=SEARCHED,
        responses={200: Told, **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("A page", {"results": [examples.TOLD], "next": None})],
    )
    def get(self, request: Request) -> Response:
        """Search it."""
        found, more = _found(request)
        return Response({"results": [line for _, line in found], "next": found[-1][0] if found and more else None})


class TelemetryLines(APIView):
    """The same, as a file."""

    @extend_schema(
        operation_id="exportWorkflowTelemetry",
        summary="Export what workflows told of themselves, a line of JSON each",
        parameters=SEARCHED,
        responses={
            (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.STR, description="One event a line."),
            **problems(400, 401, 403, 404, 503),
        },
        examples=[
            examples.answered("A line", json.dumps(examples.TOLD) + "\n", media_type="application/x-ndjson"),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        """Write it."""
        lines = "".join(json.dumps(line, ensure_ascii=False) + "\n" for _, line in _found(request)[0])
        answer = HttpResponse(lines.encode(), content_type="application/x-ndjson; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="telemetry.jsonl"'
        return answer


class ChangeTold(Shape):
    """A change of a definition."""

    kind = s.ChoiceField(list(changing.KINDS))
    id = s.CharField()
    action = s.CharField()
    old_version = s.IntegerField(allow_null=True)
    new_version = s.IntegerField(allow_null=True)
    prompt_sha256 = s.CharField()
    body = s.DictField()
    actor = s.CharField()
    at = s.DateTimeField()
    project = s.CharField()


class ChangePage(Shape):
    """A page of them."""

    results = ChangeTold(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Changes(APIView):
    """Who changed which definition, when, from which version to which."""

    @extend_schema(
        operation_id="listDefinitionChanges",
        summary="List the changes of definitions, newest first",
        description="Old and new version, the SHA-256 of the prompt, and the whole body: earlier versions are here.",
        parameters=[
            PROJECT, query("kind", "Only of this kind.", OpenApiTypes.STR, enum=list(changing.KINDS)),
            query("id", "Only of the definition of this name.", OpenApiTypes.STR), PAGE_SIZE, CURSOR,
        ],
        responses={200: ChangePage, **problems(400, 401, 403, 404, 503)},
        examples=[
            examples.answered("A page", {"results": [examples.CHANGE], "next": None, "previous": None}),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List them."""
        given = request.query_params
        parameters.only(given, ("project", "kind", "id", "cursor", "page_size"))
        rows = Change.objects.filter(project__in=reach.seen(request)).select_related("project")
        if kind := parameters.one_of(given, "kind", changing.KINDS):
            rows = rows.filter(kind=kind)
        if (name := given.get("id")) is not None:
            rows = rows.filter(key=_text(name, "id"))
        page = pages.cut(rows, request, of="definition-changes")
        return Response({"results": [_told(row) for row in page.rows], "next": page.next, "previous": page.previous})


def _told(row: Change) -> dict[str, Any]:
    known = ("kind", "action", "old_version", "new_version", "prompt_sha256", "body", "actor")
    return {
        **{name: getattr(row, name) for name in known}, "id": row.key, "at": row.at.isoformat(),
        "project": row.project.slug,
    }  # fmt: skip


def _found(request: Request) -> tuple[list[tuple[int, dict[str, Any]]], bool]:
    given = request.query_params
    parameters.only(given, KNOWN)
    after = parameters.whole(given, "after", default=0, least=0)
    limit = parameters.whole(given, "limit", default=1000, least=1, most=1000)
    orders = access.orders(caller_of(request))
    rows: QuerySet[Execution] = Execution.objects.filter(order__in=orders)
    for name, field in (("request_id", "request_id"), ("order", "order__public_id"), ("conversation", "chat_id")):
        if (value := given.get(name)) is not None:
            rows = rows.filter(**{field: _text(value, name)})
    runs = dict(rows.order_by("-id").values_list("order__run_id", "order__public_id")[:500])
    events = telemetry.found(runs, after=after, most=limit + 1)
    told = [(event.pk, telemetry.wire(event, runs[event.run_id])) for event in events[:limit]]
    return told, len(events) > limit


def _text(value: str, name: str) -> str:
    if not value.isprintable() or len(value) > 200:
        raise BadParameter("This is a text of at most 200 characters.", "bad_parameter", f"?{name}")
    return value
