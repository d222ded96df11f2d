"""Chat completions: what is asked is written down here; doors.py waits for the answer."""

from __future__ import annotations

from collections.abc import Iterator

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Caller, caller_of
from apps.api import orders, parameters
from apps.api.idempotency import Answer, once
from apps.api.schema import IDEMPOTENCY_KEY

from . import chat_reading, chat_wire, ending, errors, filing, naming, schema, standing, ticket_views
from .base import OpenAIView
from .chat_shapes import CompletionIn, TicketIn
from .models import Completion


def find(caller: Caller, public_id: str, shape: Completion.Shape) -> Completion:
    """The completion if the caller may see it. Unknown and somebody else's are the same 404."""
    seen = [str(pk) for pk in access.readable(caller).values_list("pk", flat=True)]
    rows = Completion.objects.select_related("previous", "message__session")
    row = rows.filter(public_id=public_id, shape=shape, project__in=seen).first()
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
        request=PolymorphicProxySerializer(
            component_name="CompletionOrTicketIn", serializers=[CompletionIn, TicketIn], resource_type_field_name=None
        ),
        responses={
            200: PolymorphicProxySerializer(
                component_name="CompletionOrTicket",
                serializers=[schema.ChatCompletion, schema.Ticket],
                resource_type_field_name=None,
            ),
            **schema.STREAM,
            **schema.ASKING,
        },
        examples=[schema.ASK_CHAT, schema.ASK_TICKET, schema.CHAT, schema.TICKET],
    )
    def post(self, request: Request) -> Response:
        """Write the request down: a ticket where it has a `prompt`."""
        parameters.only(request.query_params, ())
        if "prompt" in request.data and "messages" not in request.data:
            return once(request, ticket_views.filed(request))
        said = CompletionIn(data=request.data)
        said.is_valid(raise_exception=True)
        body = said.validated_data
        question = chat_reading.read(body)
        project = filing.project_of(request)
        way = naming.way_of(body["model"], said=question.last_words, project=project)
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


def _offered(request: Request) -> Iterator[tuple[str, str]]:
    return naming.names(access.readable(caller_of(request)).order_by("pk")[: orders.MOST_PROJECTS])


class Models(OpenAIView):
    """What can be asked for."""

    @extend_schema(
        operation_id="listModels",
        summary="List the models that can be asked for",
        responses={200: schema.OfferedModels, **schema.errors(400, 401, 403, 503)},
        examples=[schema.ALL_MODELS],
    )
    def get(self, request: Request) -> Response:
        """Roles, workflows, families."""
        parameters.only(request.query_params, ())
        return Response({"object": "list", "data": [naming.listed(*one) for one in _offered(request)]})


class OneModel(OpenAIView):
    """One of them."""

    @extend_schema(
        operation_id="getModel",
        summary="Show a model",
        responses={200: schema.OfferedModel, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.ONE_MODEL],
    )
    def get(self, request: Request, name: str) -> Response:
        """Show it, where it is one."""
        parameters.only(request.query_params, ())
        for offered, owner in _offered(request):
            if offered in (name, name.lower()):
                return Response(naming.listed(offered, owner))
        raise errors.UnknownModel(pointer="?model")
