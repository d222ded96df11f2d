"""The system log over HTTP, for the Board."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import Board
from apps.api import pages, parameters
from apps.api.schema import CURSOR, PAGE_SIZE, problems, query

from .models import SystemLog

FILTERS = ("level", "source", "request_id", "run_id", "task_id")


class SystemLogEntry(serializers.Serializer[Any]):
    """An error of some process."""

    id = serializers.IntegerField()
    at = serializers.CharField()
    level = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the column has this name
    message = serializers.CharField()
    trace = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    task_id = serializers.IntegerField(allow_null=True)
    run_id = serializers.IntegerField(allow_null=True)
    process = serializers.CharField(allow_blank=True)


class SystemLogPage(serializers.Serializer[Any]):
    """A page of them."""

    results = SystemLogEntry(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


EXAMPLE = {
    "id": 7,
    "at": "2026-11-22T03:40:00.123456+00:00",
    "level": "ERROR",
    "source": "nexus.execution",
    "message": "task=12 type=completion attempt=4: failed",
    "trace": "Traceback (most recent call last): …",
    "request_id": "",
    "task_id": 12,
    "run_id": 9,
    "process": "worker-1/41",
}


class SystemLogs(APIView):
    """What broke, newest first."""

    permission_classes = [Board("gateway.view_systemlog")]

    @extend_schema(
        operation_id="listSystemLog",
        summary="What broke, newest first, with stack traces",
        parameters=[
            PAGE_SIZE,
            CURSOR,
            query("level", "Only of this level.", OpenApiTypes.STR, enum=["ERROR", "CRITICAL"]),
            query("source", "Only of this logger.", OpenApiTypes.STR),
            query("request_id", "Only of this request.", OpenApiTypes.STR),
            query("run_id", "Only of this run."),
            query("task_id", "Only of this task."),
        ],
        responses={200: SystemLogPage, **problems(400, 401, 403, 503)},
        examples=[
            OpenApiExample(
                "One", value={"results": [EXAMPLE], "next": None, "previous": None}, response_only=True,
                status_codes=["200"],
            )
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """A page."""
        asked = request.query_params
        parameters.only(asked, ("cursor", "page_size", *FILTERS))
        rows = SystemLog.objects.all()
        for name in ("source", "request_id"):
            rows = rows.filter(**{name: asked[name][:100].replace("\x00", "")}) if name in asked else rows
        for name in ("run_id", "task_id"):
            wanted = parameters.whole(asked, name, default=-1, least=0)
            rows = rows.filter(**{name: wanted}) if wanted >= 0 else rows
        if (level := parameters.one_of(asked, "level", ("ERROR", "CRITICAL"))) is not None:
            rows = rows.filter(level=level)
        page = pages.cut(rows, request, of="system-log")
        return Response({"results": [_shown(row) for row in page.rows], "next": page.next, "previous": page.previous})


def _shown(row: SystemLog) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in EXAMPLE}
    return told | {"at": row.at.isoformat()}
