"""Work orders: file, list, show."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import answers, examples, orders, parameters
from apps.api.idempotency import once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, PROJECT, STATUS, problems
from apps.api.shapes import WorkOrderIn
from workorders import queries


class WorkOrders(APIView):
    """The work orders of the caller's projects."""

    @extend_schema(
        operation_id="listWorkOrders",
        summary="List work orders, newest first",
        parameters=[PAGE_SIZE, CURSOR, STATUS, PROJECT],
        responses={200: answers.WorkOrderPage, **problems(400, 401, 403, 503)},
        examples=[examples.PAGE],
    )
    def get(self, request: Request) -> Response:
        """List what the caller may see."""
        return orders.page_of(request)

    @extend_schema(
        operation_id="fileWorkOrder",
        summary="File a work order",
        parameters=[IDEMPOTENCY_KEY],
        request=WorkOrderIn,
        responses={201: answers.WorkOrder, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.ASKED, examples.ASKED_IN_FULL, examples.FILED],
    )
    def post(self, request: Request) -> Response:
        """Take in a request; it is triaged, planned and carried out afterwards."""
        parameters.only(request.query_params, ())
        asked = WorkOrderIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: orders.filed(orders.file(asked.validated_data, caller_of(request))))


class OneWorkOrder(APIView):
    """One work order with its tasks, attempts and costs."""

    @extend_schema(
        operation_id="getWorkOrder",
        summary="Show a work order",
        responses={200: answers.WorkOrder, **problems(400, 401, 403, 404, 503)},
        examples=[examples.COMPLETED],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show everything about one order."""
        parameters.only(request.query_params, ())
        order = orders.find(request, public_id)
        return Response(queries.view(order))
