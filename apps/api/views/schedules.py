"""Schedules: orders that are filed by the clock."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import orders, owned, pages, parameters, templates
from apps.api import schedule_shapes as shapes
from apps.api.idempotency import Answer, once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, PROJECT, problems
from workorders.models import Firing, Schedule
from workorders.schedules import firing, keeping


class Schedules(APIView):
    """The schedules of the caller's projects."""

    @extend_schema(
        operation_id="listSchedules",
        summary="List schedules, newest first",
        parameters=[PAGE_SIZE, CURSOR, PROJECT],
        responses={200: shapes.SchedulePage, **problems(400, 401, 403, 503)},
        examples=[shapes.LIST],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", "project"))
        page = pages.cut(owned.seen_by(request, Schedule.objects.all()), request, of="schedules")
        found = [_shown(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="createSchedule",
        summary="File an order by the clock",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.ScheduleIn,
        responses={201: shapes.ScheduleOut, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[shapes.ASKED, shapes.ONE],
    )
    def post(self, request: Request) -> Response:
        """Keep it."""
        parameters.only(request.query_params, ())
        asked = shapes.ScheduleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: _made(request, asked.validated_data))


class OneSchedule(APIView):
    """One schedule."""

    @extend_schema(
        operation_id="getSchedule",
        summary="Show a schedule",
        responses={200: shapes.ScheduleOut, **problems(400, 401, 403, 404, 503)},
        examples=[shapes.ONE],
    )
    def get(self, request: Request, schedule_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(_shown(_find(request, schedule_id)))

    @extend_schema(
        operation_id="changeSchedule",
        summary="Change a schedule, or switch it off and on",
        description="Another expression or zone, or being switched on, begins with the next tick from now.",
        request=shapes.ScheduleChange,
        responses={200: shapes.ScheduleOut, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[shapes.CHANGED, shapes.ONE],
    )
    def patch(self, request: Request, schedule_id: str) -> Response:
        """Change what is given."""
        parameters.only(request.query_params, ())
        asked = shapes.ScheduleChange(data=request.data)
        asked.is_valid(raise_exception=True)
        found = _find_to_change(request, schedule_id)
        given = templates.changed(asked.validated_data, found.project)
        with transaction.atomic():
            keeping.change(found, given)
        return Response(_shown(_find(request, schedule_id)))

    @extend_schema(
        operation_id="deleteSchedule",
        summary="Delete a schedule; its orders stay",
        responses={204: None, **problems(400, 401, 403, 404, 503)},
    )
    def delete(self, request: Request, schedule_id: str) -> Response:
        """Delete it."""
        parameters.only(request.query_params, ())
        _find_to_change(request, schedule_id).delete()
        return Response(status=204)


class Ticks(APIView):
    """What came of one schedule's ticks."""

    @extend_schema(
        operation_id="listTicks",
        summary="List the ticks of a schedule and what came of each, newest first",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: shapes.TickPage, **problems(400, 401, 403, 404, 503)},
        examples=[shapes.TICKS],
    )
    def get(self, request: Request, schedule_id: str) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size"))
        rows = _find(request, schedule_id).firings.all()
        page = pages.cut(rows, request, of=f"ticks of {schedule_id}")
        found = [_tick(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})


class Fire(APIView):
    """Now."""

    @extend_schema(
        operation_id="fireSchedule",
        summary="File a schedule's order now, besides its ticks",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: shapes.FiledOrder, **problems(400, 401, 403, 404, 409, 422, 503)},
        examples=[shapes.FIRED],
    )
    def post(self, request: Request, schedule_id: str) -> Response:
        """File it."""
        parameters.only(request.query_params, ())
        found, who = _find_to_change(request, schedule_id), request.user.get_username()

        def fired() -> Answer:
            order = firing.fire_by_hand(found, actor=who)
            return Answer(201, {"order": order.public_id}, f"/api/v2/work-orders/{order.public_id}")

        return once(request, fired)


def _find(request: Request, schedule_id: str) -> Schedule:
    return owned.find(request, Schedule.objects.all(), schedule_id, what="schedule")


def _find_to_change(request: Request, schedule_id: str) -> Schedule:
    return owned.find_to_change(request, Schedule.objects.all(), schedule_id, what="schedule")


def _made(request: Request, given: dict[str, Any]) -> Answer:
    caller = caller_of(request)
    project = orders.project_of(orders.reach_of(caller), given.get("project"))
    made = keeping.make(
        project=project, name=given["name"], expression=given["cron"], zone=given["zone"], missed=given["missed"],
        template=templates.checked(given["order"], project), actor=caller.user.get_username(),
    )  # fmt: skip
    made.refresh_from_db()
    return Answer(201, _shown(made), f"/api/v2/schedules/{made.public_id}")


def _shown(row: Schedule) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "project": row.project.slug,
        "name": row.name,
        "cron": row.cron,
        "zone": row.zone,
        "missed": row.missed,
        "enabled": row.is_on,
        "next_at": row.next_at.isoformat() if row.is_on else None,
        "order": row.template,
        "created_by": row.created_by,
        "created_at": row.created_at.isoformat(),
    }


def _tick(row: Firing) -> dict[str, Any]:
    return {
        "due_at": row.due_at.isoformat(), "fired_at": row.fired_at.isoformat(), "outcome": row.outcome,
        "order": row.order or None, "why": row.why,
    }  # fmt: skip
