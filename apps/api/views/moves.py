"""What a person may tell an order: a move that its state does not allow is a 409 and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import answers, examples, idempotency, orders, parameters
from apps.api.fields import StrictSerializer
from apps.api.schema import IDEMPOTENCY_KEY, problems
from apps.api.shapes import AnswerIn, MoveIn
from nexus import engine
from workorders import queries
from workorders.flow import clarify, decide, escalate
from workorders.models import WorkOrder

Tell = Callable[[WorkOrder, dict[str, Any], str], object]
"""What is done with the order, what was said, and who said it."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """One thing that an order may be told."""

    name: str
    summary: str
    tell: Tell
    shape: type[StrictSerializer] = MoveIn
    example: OpenApiExample = examples.REASON
    description: str = ""

    def as_view(self) -> Callable[..., Any]:
        """The view of this move: read, find, tell, show."""
        move = self

        class Told(APIView):
            """Tell the order's run."""

            @extend_schema(
                operation_id=f"{move.name}WorkOrder",
                summary=move.summary,
                description=move.description or f"{move.name.capitalize()}.",
                parameters=[IDEMPOTENCY_KEY],
                request=move.shape,
                responses={200: answers.WorkOrder, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
                examples=[move.example],
            )
            def post(self, request: Request, public_id: str) -> Response:
                """Tell it."""
                parameters.only(request.query_params, ())
                said = move.shape(data=request.data)
                said.is_valid(raise_exception=True)
                order = orders.find_to_change(request, public_id)
                return idempotency.remembered(request, lambda: move.told(request, order, said.validated_data))

        return Told.as_view()

    def told(self, request: Request, order: WorkOrder, said: dict[str, Any]) -> idempotency.Answer:
        """Tell it, and show the order as it is then."""
        self.tell(order, said, request.user.get_username())
        return idempotency.Answer(200, queries.view(order))


def _by_run(act: Callable[..., object]) -> Tell:
    return lambda order, said, actor: act(run_id=order.run_id, reason=said["reason"], actor=actor)


MOVES = (
    Move(name="cancel", summary="Cancel a work order", tell=_by_run(engine.cancel)),
    Move(name="pause", summary="Pause a work order", tell=_by_run(engine.pause)),
    Move(name="resume", summary="Resume a paused work order", tell=_by_run(engine.resume)),
    Move(
        name="answer",
        summary="Answer the question of a work order",
        description="Where the order asks nothing: 409 with `not_waiting`, and nothing is changed.",
        tell=lambda order, said, actor: clarify.answer(order=order, text=said["text"], actor=actor),
        shape=AnswerIn,
        example=examples.ANSWER,
    ),
    Move(
        name="release",
        summary="Release what waits for a decision in a work order",
        description=(
            "Tasks that wait for a budget are tried again; a draft that did not pass review is accepted as it is. "
            "A question is not released but answered. Where nothing waits: 409 with `illegal_move`."
        ),
        tell=_by_run(decide.release),
    ),
    Move(
        name="redrive",
        summary="Drive the dead tasks of a work order again",
        description=(
            "Each gets all its attempts again; what is completed stays completed. "
            "Where no task is dead: 409 with `illegal_move`."
        ),
        tell=_by_run(decide.redrive),
    ),
    Move(
        name="escalate",
        summary="Call the next role to a work order, or the Board",
        description=(
            "What is not done yet goes to the role above the order's owner: intern, director, ceo; dead tasks are "
            "driven again by it. Above the highest role the order is held until somebody of the Board resumes it."
        ),
        tell=_by_run(escalate.escalate),
    ),
)
"""Each is `POST /api/v2/work-orders/{id}/<name>`."""
