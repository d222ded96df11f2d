"""Responses: what is asked is written down here; doors.py waits for the answer."""

from __future__ import annotations

import contextlib
from typing import Any

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import access
from apps.accounts.access import Caller, caller_of
from apps.api import parameters
from apps.api.errors import ReadOnlyMember
from apps.api.idempotency import Answer, once
from apps.api.schema import IDEMPOTENCY_KEY, query
from nexus import engine

from . import filing, naming, responses_reading, responses_wire, schema, standing, views
from .base import OpenAIView
from .errors import Invalid
from .models import Completion
from .questions import Question, plain
from .responses_reading import Before
from .responses_shapes import ResponseIn

FARTHEST = 2**31
STREAM = query("stream", "`true`: the events of the answer, as they come.", OpenApiTypes.BOOL)
AFTER = query("starting_after", "Only events with a higher `sequence_number`; of streams only.")


class Responses(OpenAIView):
    """Ask for an answer."""

    @extend_schema(
        operation_id="createResponse",
        summary="Ask for an answer, as OpenAI's Responses API does",
        description=(
            "With `background` it is answered at once with how it stands, and asked for by its id. With `stream`, "
            "server-sent events as OpenAI sends them; a stream that broke is gone on with by "
            "`GET /v1/responses/{id}?stream=true&starting_after=…`, at any time."
        ),
        parameters=[IDEMPOTENCY_KEY, schema.PROJECT],
        request=ResponseIn,
        responses={200: schema.OneResponse, **schema.STREAM, **schema.ASKING},
        examples=[schema.ASK_RESPONSE, schema.RESPONSE],
    )
    def post(self, request: Request) -> Response:
        """Write the request down."""
        parameters.only(request.query_params, ())
        said = ResponseIn(data=request.data)
        said.is_valid(raise_exception=True)
        body, caller = said.validated_data, caller_of(request)
        previous = _previous(caller, body.get("previous_response_id"))
        question, system = responses_reading.read(body, _before(previous))
        project = filing.project_of(request)
        way = naming.way_of(body["model"], said=question.last_words, project=project)
        shown = _shown(body) | {"system": system}

        def act() -> Answer:
            filed = filing.file(
                Completion.Shape.RESPONSE, question, model=body["model"], way=way, project=project, caller=caller,
                shown=shown, previous=previous,
            )  # fmt: skip
            return Answer(202, {"id": filed.public_id})

        return once(request, act)


class OneResponse(OpenAIView):
    """A response that was asked for before."""

    @extend_schema(
        operation_id="getResponse",
        summary="How a response stands, or its events",
        parameters=[STREAM, AFTER],
        responses={200: schema.OneResponse, **schema.STREAM, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.RESPONSE],
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ("stream", "include", "include[]", "include_obfuscation"))
        return Response(responses_wire.response(standing.look(_find(caller_of(request), public_id))))


class CancelResponse(OpenAIView):
    """A response that nobody wants any more."""

    @extend_schema(
        operation_id="cancelResponse",
        summary="Cancel a response",
        description="What has not been asked of a model by then is not. One that is over stays as it is.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: schema.OneResponse, **schema.errors(400, 401, 403, 404, 503)},
        examples=[schema.RESPONSE],
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Cancel it."""
        parameters.only(request.query_params, ())
        caller = caller_of(request)
        row = _find(caller, public_id)
        if not access.writable(caller).filter(pk=int(row.project)).exists():
            raise ReadOnlyMember
        with contextlib.suppress(engine.IllegalMove):
            engine.cancel(run_id=row.run_id or 0, actor=caller.user.get_username(), reason="cancelled by its client")
        return Response(responses_wire.response(standing.look(row)))


def position(request: HttpRequest) -> int:
    """The number of the event to go on after; -1 for none."""
    asked = request.GET
    parameters.only(asked, ("stream", "starting_after", "include", "include[]", "include_obfuscation"))
    return parameters.whole(asked, "starting_after", default=-1, least=0, most=FARTHEST)


def _find(caller: Caller, public_id: str) -> Completion:
    return views.find(caller, public_id, Completion.Shape.RESPONSE)


def _previous(caller: Caller, public_id: str | None) -> Completion | None:
    return None if public_id is None else _find(caller, public_id)


def _before(previous: Completion | None) -> Before:
    if previous is None:
        return Before()
    now = standing.look(previous)
    if now.state != "completed":
        raise Invalid("What it would go on from is not answered.", pointer="#/previous_response_id")
    turns = Question.of_json(previous.asked).turns
    return Before(turns=(*turns, standing.spoken(now)), system=previous.shown["system"])


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    """What of the request is shown with the answer."""
    return {
        "stream": bool(body.get("stream")),
        "background": bool(body.get("background")),
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "text": plain(body.get("text") or {"format": {"type": "text"}}),
        "tool_choice": plain(body.get("tool_choice") or "auto"),
        "tools": plain(body.get("tools") or []),
        "metadata": body.get("metadata") or {},
    }
