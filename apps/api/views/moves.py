"""Cancel, pause, resume: what a person may tell an order that is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import answers, examples, orders, parameters
from apps.api.idempotency import Answer, remembered
from apps.api.schema import IDEMPOTENCY_KEY, problems
from apps.api.shapes import MoveIn
from nexus import engine
from workorders import queries
from workorders.models import WorkOrder


class Move(APIView):
    """Tell the order's run; a move that its state does not allow is a 409 and changes nothing."""

    tell: ClassVar[Callable[..., object]]

    def move(self, request: Request, public_id: str) -> Response:
        """Read, find, tell, show."""
        parameters.only(request.query_params, ())
        asked = MoveIn(data=request.data)
        asked.is_valid(raise_exception=True)
        order = orders.find_to_change(request, public_id)
        return remembered(request, lambda: self._told(request, order, asked.validated_data["reason"]))

    def _told(self, request: Request, order: WorkOrder, reason: str) -> Answer:
        type(self).tell(run_id=order.run_id, reason=reason, actor=request.user.get_username())
        return Answer(200, queries.view(order))


ANSWERS = {200: answers.WorkOrder, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)}


class Cancel(Move):
    """End the order; what runs is told and ends itself."""

    tell = engine.cancel

    @extend_schema(
        operation_id="cancelWorkOrder",
        summary="Cancel a work order",
        parameters=[IDEMPOTENCY_KEY],
        request=MoveIn,
        responses=ANSWERS,
        examples=[examples.REASON],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Cancel."""
        return self.move(request, public_id)


class Pause(Move):
    """Start nothing more until the order is resumed."""

    tell = engine.pause

    @extend_schema(
        operation_id="pauseWorkOrder",
        summary="Pause a work order",
        parameters=[IDEMPOTENCY_KEY],
        request=MoveIn,
        responses=ANSWERS,
        examples=[examples.REASON],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Pause."""
        return self.move(request, public_id)


class Resume(Move):
    """Go on where the order was paused."""

    tell = engine.resume

    @extend_schema(
        operation_id="resumeWorkOrder",
        summary="Resume a paused work order",
        parameters=[IDEMPOTENCY_KEY],
        request=MoveIn,
        responses=ANSWERS,
        examples=[examples.REASON],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Resume."""
        return self.move(request, public_id)
