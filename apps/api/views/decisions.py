"""Answer, release, redrive: what a person does where an order needs one."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import examples, idempotency, orders, parameters
from apps.api.schema import IDEMPOTENCY_KEY
from apps.api.shapes import AnswerIn, MoveIn
from workorders import queries
from workorders.flow import clarify, decide
from workorders.models import WorkOrder

from .moves import ANSWERS, Move


class Answer(APIView):
    """Say what the order asked for; it is triaged again with these words."""

    @extend_schema(
        operation_id="answerWorkOrder",
        summary="Answer the question of a work order",
        description="Where the order asks nothing: 409 with `not_waiting`, and nothing is changed.",
        parameters=[IDEMPOTENCY_KEY],
        request=AnswerIn,
        responses=ANSWERS,
        examples=[examples.ANSWER],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Answer."""
        parameters.only(request.query_params, ())
        said = AnswerIn(data=request.data)
        said.is_valid(raise_exception=True)
        order = orders.find_to_change(request, public_id)
        return idempotency.remembered(request, lambda: _answered(request, order, said.validated_data["text"]))


def _answered(request: Request, order: WorkOrder, text: str) -> idempotency.Answer:
    clarify.answer(order=order, text=text, actor=request.user.get_username())
    return idempotency.Answer(200, queries.view(order))


class Release(Move):
    """Let the tasks go on that wait for a decision."""

    tell = decide.release

    @extend_schema(
        operation_id="releaseWorkOrder",
        summary="Release what waits for a decision in a work order",
        description=(
            "Tasks that wait for a budget are tried again; a draft that did not pass review is accepted as it is. "
            "A question is not released but answered. Where nothing waits: 409 with `illegal_move`."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=MoveIn,
        responses=ANSWERS,
        examples=[examples.REASON],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Release."""
        return self.move(request, public_id)


class Redrive(Move):
    """Drive the dead tasks again, with all their attempts."""

    tell = decide.redrive

    @extend_schema(
        operation_id="redriveWorkOrder",
        summary="Drive the dead tasks of a work order again",
        description=(
            "Each gets all its attempts again; what is completed stays completed. "
            "Where no task is dead: 409 with `illegal_move`."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=MoveIn,
        responses=ANSWERS,
        examples=[examples.REASON],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Drive again."""
        return self.move(request, public_id)
