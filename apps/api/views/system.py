"""How the installation stands."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of, readable
from apps.accounts.permissions import Board
from apps.api import examples_system, parameters
from apps.api.answers import Shape
from apps.api.schema import problems
from workorders import system
from workorders.states import OrderState

SEES_ALL = "workorders.view_workorder"


class Queue(Shape):
    """What is in a queue."""

    name = s.CharField()
    ready = s.IntegerField()
    running = s.IntegerField()
    waiting = s.IntegerField(help_text="For a person.")
    oldest_ready_s = s.FloatField(help_text="Seconds that the oldest ready task has been ready.")


class Worker(Shape):
    """A process that takes tasks."""

    name = s.CharField()
    running = s.IntegerField()
    began_at = s.DateTimeField(allow_null=True, help_text="When it last began a task.")


Counts = type("OrdersByStatus", (Shape,), {
    "__doc__": "How many orders are in each status.", **{state.value: s.IntegerField() for state in OrderState},
})  # fmt: skip


class Machinery(Shape):
    """What does the work."""

    queues = Queue(many=True)
    workers = Worker(many=True)
    dead_letters = s.IntegerField(help_text="That wait for a person.")
    approvals = s.IntegerField(help_text="That wait for a person.")
    dispatcher_seen_at = s.DateTimeField(allow_null=True)


class SystemStatus(Shape):
    """How the whole stands."""

    work_orders = Counts()
    last_day = Counts(help_text="Of those that were filed within the last 24 hours.")
    machinery = Machinery(allow_null=True, help_text="For the Board; null for everybody else.")
    timestamp = s.DateTimeField()


class Status(APIView):
    """How it stands."""

    @extend_schema(
        operation_id="showSystemStatus",
        summary="Show orders by status, queues and workers",
        description=(
            "Orders of the projects that the caller sees; for the Board all of them, and with them the machinery, "
            "which is nobody's alone."
        ),
        responses={200: SystemStatus, **problems(400, 401, 403, 503)},
        examples=[examples_system.STATUS],
    )
    def get(self, request: Request) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        is_board = Board(SEES_ALL)().has_permission(request, self)
        seen = None if is_board else list(readable(caller_of(request)).values_list("pk", flat=True))
        return Response(shown(system.orders(seen), system.machinery() if is_board else None))


def shown(orders: system.Orders, machinery: system.Machinery | None) -> dict[str, Any]:
    """As JSON has it."""
    return {
        "work_orders": orders.all,
        "last_day": orders.last_day,
        "machinery": _machinery(machinery) if machinery else None,
        "timestamp": orders.at.isoformat(),
    }


def _machinery(found: system.Machinery) -> dict[str, Any]:
    seen = found.dispatcher_seen_at
    return {
        "queues": [
            {"name": one.queue, **one.tasks, "oldest_ready_s": round(one.oldest_ready, 3)} for one in found.queues
        ],
        "workers": [
            {"name": one.name, "running": one.running, "began_at": one.began_at.isoformat() if one.began_at else None}
            for one in found.workers
        ],
        "dead_letters": found.dead_letters,
        "approvals": found.approvals,
        "dispatcher_seen_at": seen.isoformat() if seen else None,
    }
