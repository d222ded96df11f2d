"""Dead letters: what died of one failure, and driving it again together."""

from __future__ import annotations

import re

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of, readable, writable
from apps.api import parameters
from apps.api.answers import Shape
from apps.api.fields import Integer, StrictSerializer, Text
from apps.api.idempotency import Answer, remembered
from apps.api.schema import IDEMPOTENCY_KEY, problems
from nexus import engine
from workorders.models import Project

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
GROUPS = OpenApiExample(
    "One failure of three tasks",
    value={
        "results": [
            {
                "fingerprint": "7d4e" * 16,
                "count": 3,
                "first_at": "2026-11-22T08:00:00+00:00",
                "last_at": "2026-11-22T08:07:31+00:00",
                "types": ["agent_work"],
                "error": {"code": "provider_error", "message": "The provider answered 500"},
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)


class DeadLetterGroup(Shape):
    """One failure, however many tasks it stopped."""

    fingerprint = s.CharField()
    count = s.IntegerField()
    first_at = s.DateTimeField()
    last_at = s.DateTimeField()
    types = s.ListField(child=s.CharField())
    error = s.DictField(help_text="Of the newest letter.")


class DeadLetterGroups(Shape):
    """The failures that wait for a person, the largest first."""

    results = DeadLetterGroup(many=True)


class Redriven(Shape):
    """How many tasks were driven again."""

    redriven = s.IntegerField()


class Flag(s.BooleanField):
    """true or false; no word for either is converted."""

    def to_internal_value(self, data: object) -> bool:
        """As it came."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class RedriveIn(StrictSerializer):
    """What is changed in each task first, and whether only one is tried."""

    input = s.DictField(required=False, default=dict, help_text="Laid over each task's input, key by key.")
    max_attempts = Integer(min_value=1, max_value=100, required=False)
    priority = Integer(min_value=0, max_value=10, required=False)
    one = Flag(required=False, default=False, help_text="Only the oldest: to see that it works.")
    reason = Text(max_length=500, allow_blank=True, required=False, default="")


class DeadLetters(APIView):
    """The failures of the caller's projects."""

    @extend_schema(
        operation_id="listDeadLetters",
        summary="Show what waits in the dead letters, one line per failure",
        responses={200: DeadLetterGroups, **problems(400, 401, 403, 503)},
        examples=[GROUPS],
    )
    def get(self, request: Request) -> Response:
        """Show the groups, the largest first."""
        parameters.only(request.query_params, ())
        found = engine.groups(tenants=_tenants(readable(caller_of(request))))
        return Response({"results": [_shown(group) for group in found]})


class Redrive(APIView):
    """Drive a failure's tasks again, in the projects that the caller may change."""

    @extend_schema(
        operation_id="redriveDeadLetters",
        summary="Drive again every task that died of one failure",
        parameters=[IDEMPOTENCY_KEY],
        request=RedriveIn,
        responses={200: Redriven, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
    )
    def post(self, request: Request, fingerprint: str) -> Response:
        """Edit, and drive again; finished tasks stay finished."""
        parameters.only(request.query_params, ())
        asked = RedriveIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return remembered(request, lambda: _driven(request, fingerprint, asked.validated_data))


def _driven(request: Request, fingerprint: str, asked: dict[str, object]) -> Answer:
    edit = engine.Edit(**{name: asked[name] for name in ("input", "max_attempts", "priority") if name in asked})  # type: ignore[arg-type]  # validated above
    if not FINGERPRINT.fullmatch(fingerprint):
        raise NotFound("There is no such group of dead letters.")
    driven = engine.redrive_group(
        fingerprint=fingerprint,
        tenants=_tenants(writable(caller_of(request))),
        edit=edit,
        most=1 if asked["one"] else None,
        actor=request.user.get_username(),
        reason=str(asked["reason"]),
    )
    return Answer(200, {"redriven": driven})


def _tenants(projects: QuerySet[Project]) -> list[str]:
    return [str(pk) for pk in projects.values_list("pk", flat=True)]


def _shown(group: engine.Group) -> dict[str, object]:
    return {
        "fingerprint": group.fingerprint,
        "count": group.count,
        "first_at": group.first_at.isoformat(),
        "last_at": group.last_at.isoformat(),
        "types": group.types,
        "error": group.error,
    }
