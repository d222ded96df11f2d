"""Requests that are written down on a thread, and answered from the event loop when the answer is there."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException

from apps.api import problems
from apps.live.sse import HEADERS, MEDIA_TYPE
from apps.live.table import on_threads

from . import chat_wire, errors, hearing, lasting, response_views, responses_wire, standing, views
from .chat_wire import Chunks
from .models import Completion
from .responses_events import Events
from .standing import Standing

ASKS = re.compile(r"/v1/(?:chat/completions|responses)")
ONE = re.compile(r"/v1/responses/[^/]+")
Shape = Completion.Shape

_chat = on_threads(views.ChatCompletions.as_view())
_response = on_threads(response_views.Responses.as_view())
_one_response = sync_to_async(response_views.OneResponse.as_view(), thread_sensitive=True)
_stands = on_threads(standing.look)


def is_one(scope: Mapping[str, Any]) -> bool:
    """Will this request last? Asked before Django has looked at it."""
    if scope["method"] == "POST":
        return ASKS.fullmatch(scope["path"]) is not None
    return ONE.fullmatch(scope["path"]) is not None and b"stream=" in scope["query_string"]


@csrf_exempt  # as every view of the API: it checks for itself, where a session is used
async def chat_completions(request: HttpRequest) -> HttpResponseBase:
    """Write down what is asked, and answer it: in one piece, or as it comes."""
    written: Any = await _chat(request)
    if written.status_code != HTTPStatus.ACCEPTED:
        return written  # type: ignore[no-any-return]
    try:
        row, by = await lasting.admit(request, written.data["id"], Shape.CHAT)
        if row.shown["stream"]:
            heard = await lasting.begun(row, by)
            return _stream(_chunks(row, heard), heard)
        return JsonResponse(chat_wire.completion(await lasting.whole(row, by, "/v1/chat/completions")))
    except APIException as error:
        return errors.respond(request, error)


@csrf_exempt  # as above
async def responses(request: HttpRequest) -> HttpResponseBase:
    """The same, as the Responses API has it; in the background, how it stands."""
    written: Any = await _response(request)
    if written.status_code != HTTPStatus.ACCEPTED:
        return written  # type: ignore[no-any-return]
    try:
        row, by = await lasting.admit(request, written.data["id"], Shape.RESPONSE)
        now = await _stands(row)
        if row.shown["stream"]:
            heard = await lasting.begun(row, by, patient=row.shown["background"])
            return _stream(_events(Events(now), heard), heard)
        if not row.shown["background"]:
            now = await lasting.whole(row, by, "/v1/responses")
        return JsonResponse(responses_wire.response(now))
    except APIException as error:
        return errors.respond(request, error)


@csrf_exempt  # as above
async def one_response(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """How it stands; with `stream`, everything after an event that was heard before."""
    query = parse_qs(request.META.get("QUERY_STRING", ""))
    if request.method != "GET" or query.get("stream", [""])[-1] not in ("true", "True", "1"):
        return await _one_response(request, public_id=public_id)
    try:
        after = await _position(request)
        row, by = await lasting.admit(request, public_id, Shape.RESPONSE)
        heard = await lasting.begun(row, by, patient=True)
        return _stream(_events(Events(await _stands(row), after=after), heard), heard)
    except APIException as error:
        return errors.respond(request, error)


@on_threads
def _position(request: HttpRequest) -> int:
    return response_views.position(request)


def _stream(pieces: AsyncIterator[bytes], heard: AsyncGenerator[hearing.Heard]) -> HttpResponseBase:
    return StreamingHttpResponse(lasting.closing(pieces, heard), content_type=MEDIA_TYPE, headers=HEADERS)


async def _chunks(row: Completion, heard: AsyncGenerator[hearing.Heard]) -> AsyncIterator[bytes]:
    chunks = Chunks(row)
    yield chunks.first()
    try:
        async for one in heard:
            match one:
                case hearing.Words(text):
                    yield chunks.words(text)
                case hearing.Quiet():
                    yield lasting.KEEP_ALIVE
                case over:
                    for last in chunks.last(await lasting.answered(over)):
                        yield last
    except errors.NotAnswered as error:
        for last in chat_wire.failed(errors.body_of(problems.read(error))):
            yield last


async def _events(events: Events, heard: AsyncGenerator[hearing.Heard]) -> AsyncIterator[bytes]:
    for event in events.opening():
        yield event
    async for one in heard:
        match one:
            case hearing.Words(text):
                for event in events.words(text):
                    yield event
            case hearing.Quiet():
                yield lasting.KEEP_ALIVE
            case over:
                async for event in _ending(events, over):
                    yield event


async def _ending(events: Events, over: hearing.Over | hearing.Shut) -> AsyncIterator[bytes]:
    now: Standing | None = over.standing if isinstance(over, hearing.Over) else None
    try:
        now = await lasting.answered(over)
    except errors.NotAnswered as error:
        if now is None or now.state == "completed":
            yield events.broken(str(error.detail), str(error.get_codes()))
            return
    for event in events.ending(now):
        yield event
