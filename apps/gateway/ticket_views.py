"""Tickets over HTTP: how one stands, and what was said in a conversation. views.py asks for one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Caller, caller_of
from apps.api import parameters
from apps.api.idempotency import Answer

from . import filing, naming, schema, tickets
from .base import OpenAIView
from .chat_shapes import TicketIn
from .models import Completion


def filed(request: Request) -> Any:
    """What writes the ticket of a request down, in a transaction; raise what is to be said of it instead."""
    said = TicketIn(data=request.data)
    said.is_valid(raise_exception=True)
    body, caller = said.validated_data, caller_of(request)
    model = body.get("model") or naming.usual()
    way = naming.way_of(model, said=body["prompt"])
    within = body.get("conversation_id")
    session = tickets.conversation_to_change(caller, within) if within else None
    within_or_in = session or filing.project_of(request)

    def act() -> Answer:
        row, found = tickets.file(body["prompt"], model=model, way=way, caller=caller, where=within_or_in)
        told = {
            "task_id": row.public_id,
            "status": tickets.PENDING,
            "conversation_id": found.public_id,
            "message": gettext("The request is queued."),
        }
        return Answer(200, told, f"/v1/tasks/{row.public_id}")

    return act


class OneTask(OpenAIView):
    """A request for an answer, by its id."""

    @extend_schema(
        operation_id="getTicket",
        summary="How a request for an answer stands",
        description="`status` is 0 while it is worked on, 1 when it is answered, 2 when it never will be.",
        responses={200: schema.TicketTask, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.TASK],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(tickets.shown(_find(caller_of(request), public_id)))


class History(OpenAIView):
    """What was said in a conversation."""

    @extend_schema(
        operation_id="getConversationHistory",
        summary="What was said in a conversation, oldest first",
        description=(
            "What is not answered yet is a question without an answer; what failed is answered with "
            "`任务失败: <error>`. At most the newest thousand questions."
        ),
        responses={200: schema.ConversationHistory, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.HISTORY],
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(tickets.history(tickets.conversation(caller_of(request), session_id)))


def _find(caller: Caller, public_id: str) -> Completion:
    seen = [str(pk) for pk in access.readable(caller).values_list("pk", flat=True)]
    rows = Completion.objects.select_related("message__session").filter(project__in=seen)
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound("There is no such task.")
    return row
