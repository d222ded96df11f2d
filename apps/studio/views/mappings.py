"""The map from events to tasks: shown, added to, taken from."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import Caller, caller_of, readable, writable
from apps.api import parameters
from apps.api.errors import ReadOnlyMember
from apps.api.idempotency import Answer, once
from apps.api.orders import project_of, reach_of
from apps.api.schema import IDEMPOTENCY_KEY, problems
from apps.studio import examples
from apps.studio.errors import MappingExists
from apps.studio.models import EventMapping
from apps.studio.shapes import MappingIn, MappingList, MappingOut
from apps.studio.taskmap import DEFAULTS
from workorders.triggers.mapping import Priority, Rule


class Mappings(APIView):
    """What is done about which event."""

    @extend_schema(
        operation_id="listEventMappings",
        summary="List which tasks an event brings about",
        responses={200: MappingList, **problems(400, 401, 403, 503)},
        examples=[examples.MAPPINGS],
    )
    def get(self, request: Request) -> Response:
        """List them: those that are shipped, then those that were added."""
        parameters.only(request.query_params, ())
        mine = readable(caller_of(request)).values("pk")
        rows = EventMapping.objects.filter(Q(project=None) | Q(project__in=mine), enabled=True)
        added = [_shown(row) for row in rows.select_related("project").order_by("id")[:1000]]
        return Response({"results": [*map(_shipped, DEFAULTS), *added]})

    @extend_schema(
        operation_id="addEventMapping",
        summary="Add a task for a type of event, in one project",
        parameters=[IDEMPOTENCY_KEY],
        request=MappingIn,
        responses={201: MappingOut, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.MAPPING_IN, examples.MAPPING],
    )
    def post(self, request: Request) -> Response:
        """Add it."""
        parameters.only(request.query_params, ())
        asked = MappingIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: _added(caller_of(request), asked.validated_data))


def _added(caller: Caller, given: dict[str, Any]) -> Answer:
    row = EventMapping(
        project=project_of(reach_of(caller), given["project"]), event_type=given["event_type"],
        task_type=given["task_type"], agent=given.get("agent", ""), priority=given.get("priority", Priority.NORMAL),
        created_by=caller.user.get_username(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise MappingExists from None
    return Answer(201, _shown(row))


class OneMapping(APIView):
    """One rule that was added."""

    @extend_schema(
        operation_id="removeEventMapping",
        summary="Take a mapping out of the map",
        description="Of those that were added. For example number 7, as the list has it.",
        responses={204: None, **problems(400, 401, 403, 404, 503)},
    )
    def delete(self, request: Request, id: int) -> Response:
        """Take it out; events that came before keep their tasks."""
        parameters.only(request.query_params, ())
        caller = caller_of(request)
        rows = EventMapping.objects.filter(pk=id, project__in=readable(caller).values("pk"))
        if not rows.exists():
            raise NotFound("There is no such mapping.")
        if not rows.filter(project__in=writable(caller).values("pk")).delete()[0]:
            raise ReadOnlyMember
        return Response(status=204)


def _shipped(rule: Rule) -> dict[str, Any]:
    return {"id": None, "project": None, **_rule(rule)}


def _shown(row: EventMapping) -> dict[str, Any]:
    return {"id": row.pk, "project": row.project.slug if row.project else None, **_rule(row.as_rule())}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "event_type": rule.event_type,
        "task_type": rule.task_type,
        "agent": rule.agent,
        "priority": int(rule.priority),
    }
