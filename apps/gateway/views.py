"""Chat completions: what is asked is written down here; doors.py waits for the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import access
from apps.accounts.access import Caller, caller_of
from apps.api import parameters
from apps.api.idempotency import Answer, once
from apps.api.schema import IDEMPOTENCY_KEY

from . import chat_reading, chat_wire, ending, errors, filing, naming, schema, standing
from .chat_shapes import CompletionIn
from .models import Completion


class OpenAIView(APIView):
    """A view whose errors are OpenAI's."""

    def get_exception_handler(self) -> Callable[..., Any]:
        """Their form."""
        return errors.problem


def find(caller: Caller, public_id: str, shape: Completion.Shape) -> Completion:
    """The completion if the caller may see it. Unknown and somebody else's are the same 404."""
    seen = [str(pk) for pk in access.readable(caller).values_list("pk", flat=True)]
    row = Completion.objects.filter(public_id=public_id, shape=shape, project__in=seen).first()
    if row is None:
        raise NotFound("There is nothing of this id.")
    return row


class ChatCompletions(OpenAIView):
    """Ask for an answer."""

    @extend_schema(
        operation_id="createChatCompletion",
        summary="Ask for an answer, as OpenAI's clients do",
        description=(
            "One question to one model: a run of one task, leased, retried and billed like any other. With `stream`, "
            "server-sent events as OpenAI sends them. A client that leaves stops nothing: its id finds the answer."
        ),
        parameters=[IDEMPOTENCY_KEY, schema.PROJECT],
        request=CompletionIn,
        responses={200: schema.ChatCompletion, **schema.STREAM, **schema.ASKING},
        examples=[schema.ASK_CHAT, schema.CHAT],
    )
    def post(self, request: Request) -> Response:
        """Write the request down."""
        parameters.only(request.query_params, ())
        said = CompletionIn(data=request.data)
        said.is_valid(raise_exception=True)
        body = said.validated_data
        question = chat_reading.read(body)
        way = naming.way_of(body["model"], said=question.last_words)
        project = filing.project_of(request)
        shown = {
            "stream": bool(body.get("stream")),
            "include_usage": bool((body.get("stream_options") or {}).get("include_usage")),
            "metadata": body.get("metadata") or {},
        }

        def act() -> Answer:
            filed = filing.file(
                Completion.Shape.CHAT, question, model=body["model"], way=way, project=project,
                caller=caller_of(request), shown=shown,
            )  # fmt: skip
            return Answer(202, {"id": filed.public_id})

        return once(request, act)


class OneChatCompletion(OpenAIView):
    """An answer that was asked for before."""

    @extend_schema(
        operation_id="getChatCompletion",
        summary="Find an answer that was asked for before",
        responses={200: schema.ChatCompletion, **schema.errors(400, 401, 403, 404, 409, 429, 500, 503)},
        examples=[schema.CHAT],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it, where it is there."""
        parameters.only(request.query_params, ())
        now = standing.look(find(caller_of(request), public_id, Completion.Shape.CHAT))
        return Response(chat_wire.completion(ending.completed(now)))


class Models(OpenAIView):
    """What can be asked for."""

    @extend_schema(
        operation_id="listModels",
        summary="List the models that can be asked for",
        responses={200: schema.Models, **schema.errors(400, 401, 403, 503)},
        examples=[schema.ALL_MODELS],
    )
    def get(self, request: Request) -> Response:
        """Roles, workflows, families."""
        parameters.only(request.query_params, ())
        return Response({"object": "list", "data": [naming.listed(*one) for one in naming.names()]})


class OneModel(OpenAIView):
    """One of them."""

    @extend_schema(
        operation_id="getModel",
        summary="Show a model",
        responses={200: schema.Model, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.ONE_MODEL],
    )
    def get(self, request: Request, name: str) -> Response:
        """Show it, where it is one."""
        parameters.only(request.query_params, ())
        for offered, owner in naming.names():
            if offered == name.lower():
                return Response(naming.listed(offered, owner))
        raise errors.UnknownModel(pointer="?model")
