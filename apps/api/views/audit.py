"""The audit log, for those who may see what it is about."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of, readable
from apps.accounts.permissions import Board
from apps.api import examples_system, pages, parameters
from apps.api.answers import Shape
from apps.api.errors import BadParameter, UnknownProject
from apps.api.schema import CURSOR, PAGE_SIZE, problems, query
from workorders.audit import reading
from workorders.audit.models import AuditEntry
from workorders.audit.querysets import AuditQuerySet

SEES_ALL = "workorders.view_auditentry"
STATUSES = AuditEntry.Status.values
TEXT = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")
FILTERS = [
    query("order", "Only those about this order.", OpenApiTypes.STR),
    query("actor", "Only what this user, role or part of the machinery did.", OpenApiTypes.STR),
    query("action", "Only this action.", OpenApiTypes.STR),
    query("channel", "Only what came through this door: api, cli, board, telegram.", OpenApiTypes.STR),
    query("status", "Only those that went so.", OpenApiTypes.STR, enum=STATUSES),
    query("project", "Only of the project with this slug.", OpenApiTypes.STR),
    query("since", "Only from this moment on; RFC 3339 with an offset.", OpenApiTypes.DATETIME),
    query("until", "Only before this moment.", OpenApiTypes.DATETIME),
]


class Entry(Shape):
    """Somebody did something."""

    id = s.IntegerField()
    at = s.DateTimeField()
    actor = s.CharField(help_text="A user, a role, or dispatcher, worker, doctor.")
    channel = s.CharField(allow_blank=True, help_text="The door that it came through; empty where there was none.")
    action = s.CharField()
    status = s.ChoiceField(STATUSES)
    project = s.CharField(allow_null=True, help_text="null: it concerns the whole installation.")
    order = s.CharField(allow_null=True)
    session = s.CharField(allow_null=True)
    details = s.DictField()


class AuditPage(Shape):
    """A page of the log."""

    results = Entry(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Audit(APIView):
    """Who did what."""

    @extend_schema(
        operation_id="listAudit",
        summary="List the audit log, newest first",
        description=(
            "Of the projects that the caller sees; for the Board, of everything. Each entry was written in the "
            "transaction of its act, and none is ever changed."
        ),
        parameters=[PAGE_SIZE, CURSOR, *FILTERS],
        responses={200: AuditPage, **problems(400, 401, 403, 404, 503)},
        examples=[examples_system.AUDIT],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", *(each.name for each in FILTERS)))
        page = pages.cut(_filtered(_seen(request, self), request.query_params), request, of="audit")
        slugs = reading.slugs_of(page.rows)
        lines = [reading.wire(entry, slugs) for entry in page.rows]
        return Response({"results": lines, "next": page.next, "previous": page.previous})


def _seen(request: Request, view: APIView) -> AuditQuerySet:
    projects = readable(caller_of(request))
    if (slug := request.query_params.get("project")) is not None:
        found = projects.filter(slug=_text(slug, "project")).values_list("pk", flat=True).first()
        if found is None:
            raise UnknownProject(pointer="?project")
        return AuditEntry.objects.in_projects([found])
    if Board(SEES_ALL)().has_permission(request, view):
        return AuditEntry.objects.all()
    return AuditEntry.objects.in_projects(projects.values_list("pk", flat=True))


def _filtered(rows: AuditQuerySet, said: QueryDict) -> AuditQuerySet:
    for name in ("order", "actor", "action", "channel"):
        if (text := said.get(name)) is not None:
            rows = rows.filter(**{name: _text(text, name)})
    if (status := parameters.one_of(said, "status", STATUSES)) is not None:
        rows = rows.filter(status=status)
    if (since := said.get("since")) is not None:
        rows = rows.filter(at__gte=_moment(since, "since"))
    if (until := said.get("until")) is not None:
        rows = rows.filter(at__lt=_moment(until, "until"))
    return rows


def _text(text: str, name: str) -> str:
    if TEXT.fullmatch(text) is None:
        raise BadParameter("This is 1 to 200 characters.", "bad_parameter", f"?{name}")
    return text


def _moment(text: str, name: str) -> datetime:
    try:
        found: Any = parse_datetime(text[:64])
    except ValueError:
        found = None
    if found is None or not is_aware(found):
        raise BadParameter("This is a moment, as 2026-11-22T08:00:00Z.", "bad_parameter", f"?{name}")
    return found  # type: ignore[no-any-return]
