"""Requests that last: they are written down on a thread, and answered from the event loop when the answer is there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.authentication import caller_for
from apps.api import problems
from apps.live import feed
from apps.live.admission import Admitted
from apps.live.sse import HEADERS, MEDIA_TYPE
from apps.live.table import on_threads

from . import chat_wire, ending, errors, hearing, views
from .chat_wire import Chunks
from .models import Completion
from .standing import Standing

WHERE = re.compile(r"/v1/chat/completions")
FIRST_WORD_WITHIN = 2.0
"""Seconds that a stream waits for what comes first: what fails at once has a status of its own."""

_ask = on_threads(views.ChatCompletions.as_view())


def is_one(scope: Mapping[str, Any]) -> bool:
    """Will this request last? Asked before Django has looked at it."""
    return scope["method"] == "POST" and WHERE.fullmatch(scope["path"]) is not None


@csrf_exempt  # as every view of the API: it checks for itself, where a session is used
async def chat_completions(request: HttpRequest) -> HttpResponseBase:
    """Write down what is asked, and answer it: in one piece, or as it comes."""
    written: Any = await _ask(request)
    if written.status_code != HTTPStatus.ACCEPTED:
        return written  # type: ignore[no-any-return]
    row, by = await _admit(request, written.data["id"])
    try:
        if row.shown["stream"]:
            return await _stream(row, by)
        over = await hearing.until_over(row, by, within=settings.NEXUS_COMPLETION_WAIT)
        await _given_up(over)
        if over is None:
            raise ending.late(row.public_id, "/v1/chat/completions")
        return JsonResponse(chat_wire.completion(_answered(over)))
    except errors.NotAnswered as error:
        return errors.respond(request, error)


@on_threads
def _admit(request: HttpRequest, public_id: str) -> tuple[Completion, Admitted]:
    caller = caller_for(request)
    row = views.find(caller, public_id, Completion.Shape.CHAT)
    return row, hearing.admitted(row, caller, request.session.session_key)


async def _stream(row: Completion, by: Admitted) -> HttpResponseBase:
    """As it comes. What fails before anything was said fails with its own status."""
    heard = hearing.listen(row, by)
    first = asyncio.ensure_future(anext(heard))
    await asyncio.wait({first}, timeout=FIRST_WORD_WITHIN)
    if first.done() and isinstance(over := first.result(), hearing.Over | hearing.Shut):
        await _given_up(over)
        _answered(over)
    return StreamingHttpResponse(_chunks(row, heard, first), content_type=MEDIA_TYPE, headers=HEADERS)


async def _chunks(
    row: Completion, heard: AsyncGenerator[hearing.Heard], first: asyncio.Future[hearing.Heard]
) -> AsyncIterator[bytes]:
    chunks = Chunks(row)
    yield chunks.first()
    try:
        async for one in _after(first, heard):
            match one:
                case hearing.Words(text):
                    yield chunks.words(text)
                case hearing.Quiet():
                    yield chat_wire.KEEP_ALIVE
                case over:
                    await _given_up(over)
                    for last in chunks.last(_answered(over)):
                        yield last
    except errors.NotAnswered as error:
        for last in chat_wire.failed(errors.body_of(problems.read(error))):
            yield last
    finally:
        await heard.aclose()


async def _after(
    first: asyncio.Future[hearing.Heard], heard: AsyncGenerator[hearing.Heard]
) -> AsyncIterator[hearing.Heard]:
    """What was waited for already, with signs of life meanwhile; then the rest."""
    while not first.done():
        await asyncio.wait({first}, timeout=feed.KEEP_ALIVE)
        if not first.done():
            yield hearing.Quiet()
    yield first.result()
    async for one in heard:
        yield one


async def _given_up(over: hearing.Heard | None) -> None:
    """Whoever is told that there is no money for it is not sold it later."""
    if isinstance(over, hearing.Over) and ending.is_unpaid(over.standing):
        await on_threads(ending.withdraw)(over.standing)


def _answered(over: hearing.Heard) -> Standing:
    """The answer; raise NotAnswered where there is none."""
    if not isinstance(over, hearing.Over):
        raise errors.NotAnswered("The access to this answer has ended.", "access_ended", status=403)
    ending.completed(over.standing)
    if over.broken:
        raise errors.NotAnswered(
            f"The answer was begun anew, and is not what was told: GET it by its id, {over.standing.row.public_id}.",
            "answer_replaced", status=500,
        )  # fmt: skip
    return over.standing
