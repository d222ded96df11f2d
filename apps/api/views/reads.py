"""What belongs to one order: its events, its deliverable, its canvases, its ledger."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import answers, examples, examples_money, orders, parameters, wire
from apps.api.answers_money import BudgetStatus
from apps.api.schema import AFTER, LAST_EVENT_ID, LIMIT, problems
from billing import reports
from nexus import engine
from workorders import queries

MOST_EVENTS = 1_000


class Events(APIView):
    """The feed of one order as JSON; a client that accepts text/event-stream is answered by apps/live."""

    @extend_schema(
        operation_id="listEvents",
        summary="Read the events of a work order, at once or as they happen",
        description=(
            "Events are numbered from 1 without a gap. As JSON: those after `after`, at most `limit`. With "
            "`Accept: text/event-stream`: those after `after` and then each as it happens; `id` is the seq, so a "
            "browser that reconnects goes on where it was (`Last-Event-ID`). `delta` events carry words that a model "
            "is writing; they have no id and are not stored. `done` is the last event once the order is final."
        ),
        parameters=[AFTER, LIMIT, LAST_EVENT_ID],
        responses={
            (200, "application/json"): answers.EventList,
            (200, "text/event-stream"): OpenApiTypes.STR,
            **problems(400, 401, 403, 404, 503),
        },
        examples=[examples.EVENTS, examples.STREAM],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Read a stretch of the feed."""
        parameters.only(request.query_params, ("after", "limit"))
        after = parameters.whole(request.query_params, "after", default=0, least=0)
        limit = parameters.whole(request.query_params, "limit", default=MOST_EVENTS, least=1, most=MOST_EVENTS)
        run = orders.find(request, public_id).run
        events = engine.events.of(run.pk).after(after)[:limit]
        return Response({"results": [queries.event(event) for event in events], "last_seq": run.last_seq})


class DeliverableFile(APIView):
    """The deliverable as a file to save."""

    @extend_schema(
        operation_id="downloadDeliverable",
        summary="Download the deliverable",
        responses={
            (200, "text/markdown"): OpenApiResponse(OpenApiTypes.BINARY, description="The file."),
            **problems(400, 401, 403, 404, 503),
        },
    )
    def get(self, request: Request, public_id: str) -> HttpResponse:
        """Send the newest deliverable of the order."""
        parameters.only(request.query_params, ())
        found = orders.find(request, public_id).deliverables.order_by("-id").first()
        if found is None:
            raise NotFound("This work order has no deliverable yet.", "no_deliverable")
        return wire.download(found)


class Canvases(APIView):
    """The Celery canvases that carried the order."""

    @extend_schema(
        operation_id="listCanvases",
        summary="Show the Celery canvases of a work order",
        responses={200: answers.CanvasList, **problems(400, 401, 403, 404, 503)},
        examples=[examples.CANVASES],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show the chains and chords in the order they were rung."""
        parameters.only(request.query_params, ())
        order = orders.find(request, public_id)
        return Response({"results": [wire.canvas(canvas) for canvas in engine.canvases(order.run_id)]})


class Ledger(APIView):
    """What the order has cost, request by request."""

    @extend_schema(
        operation_id="listLedger",
        summary="Show the ledger of a work order",
        responses={200: answers.LedgerList, **problems(400, 401, 403, 404, 503)},
        examples=[examples.LEDGER],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show every ledger line, and their sum."""
        parameters.only(request.query_params, ())
        order = orders.find(request, public_id)
        return Response(wire.ledger(reports.lines(order.public_id)))


class BudgetOfOrder(APIView):
    """How the budget of an order stands, for whoever may see the order."""

    @extend_schema(
        operation_id="getWorkOrderBudget",
        summary="Show how the budget of a work order stands and where it is heading",
        description="As `getBudget`, for the members of its project.",
        responses={200: BudgetStatus, **problems(400, 401, 403, 404, 503)},
        examples=[examples_money.STATUS],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        order = orders.find(request, public_id)
        return Response(wire.budget("order", order.public_id))
