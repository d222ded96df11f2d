"""An answer in a conversation, told while it is written, in the frames that clients of sessions know.

Whoever comes in the middle hears what was written so far, and goes on from there. What was lost on the way for good is
told when the answer is stored. Only an answer that was begun anew, by another worker, cannot be told as a continuation:
then all of it is said once more, as `text_replace`.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from rest_framework.exceptions import NotFound, PermissionDenied

from agents.sessions.models import Message
from apps.accounts import access
from apps.accounts.access import Caller
from apps.accounts.authentication import caller_for
from apps.accounts.models import ORDERS_READ

from . import feed
from .admission import Admitted
from .hub import Pass
from .lines import Line
from .sse import HEADERS, MEDIA_TYPE
from .table import on_threads
from .uses import Uses
from .words import Piece, Reader

WHERE = re.compile(r"/api/v2/sessions/[^/]+/stream")
OVER = frozenset({"session.answered", "task.parked", "done"})
"""Nothing more is said for now."""
GOES_ON = frozenset({"task.unparked", "task.started"})
KEEP_ALIVE = b": keep-alive\n\n"
Json = dict[str, Any]


def is_one(scope: Mapping[str, Any]) -> bool:
    """Will this request last? Asked before Django has looked at it."""
    return scope["method"] in ("GET", "POST") and WHERE.fullmatch(scope["path"]) is not None


async def stream(request: HttpRequest, session_id: str, message_id: str | None) -> HttpResponseBase:
    """Tell the answer to a message, from its beginning to its end, whenever that was or will be."""
    admitted = await _admit(request, session_id, message_id)
    return StreamingHttpResponse(_told(session_id, admitted), content_type=MEDIA_TYPE, headers=HEADERS)


@dataclass(frozen=True)
class _Turn:
    """A message whose answer is told, and who may hear it."""

    message: int
    on: Admitted


@on_threads
def _admit(request: HttpRequest, session_id: str, message_id: str | None) -> _Turn:
    caller = caller_for(request)
    if not caller.has(ORDERS_READ):
        raise PermissionDenied("The API key lacks the scope orders:read.", "missing_scope")
    session = access.sessions(caller).filter(public_id=session_id).first()
    if session is None:
        raise NotFound("There is no such session.")
    asked = session.messages.filter(role="user")
    asked = asked.filter(public_id=message_id) if message_id is not None else asked
    message = asked.order_by("-id").first()
    if message is None:
        raise NotFound("There is no such message.")
    return _Turn(message.pk, _admitted(caller, session.pk, request.session.session_key))


def _admitted(caller: Caller, session_id: int, cookie: str | None) -> Admitted:
    on = Pass(key=caller.key.pk) if caller.key is not None else Pass(session=cookie)
    return Admitted(run_id=0, order_id=0, caller=caller, on=on, session_id=session_id)


@on_threads
def _look(message: int) -> tuple[Message, Message | None, int | None]:
    """The message, its answer, and the run that ends before anything happens to it."""
    found = Message.objects.select_related("session").get(pk=message)
    answer = Message.objects.filter(answers=message).first()
    ahead = found.session.messages.filter(public_id=found.session.turn).values_list("run_id", flat=True).first()
    return found, answer, found.run_id or ahead


async def _told(session_id: str, turn: _Turn) -> AsyncIterator[bytes]:
    yield _frame({"event": "connected", "session_id": session_id})
    while True:
        message, answer, run_id = await _look(turn.message)
        if answer is not None or run_id is None or message.status == Message.Status.INTERRUPTED:
            for frame in _ending(message, answer, ""):
                yield frame
            return
        admitted = replace(turn.on, run_id=run_id)
        if message.run_id is None:  # it waits behind another one
            async for frame in _silence(admitted):
                yield frame
            continue
        async for frame in _answering(admitted, turn.message):
            yield frame
        return


async def _silence(admitted: Admitted) -> AsyncGenerator[bytes]:
    """Until the turn of another message is over."""
    async with aclosing(feed.follow(admitted, 0)) as frames:
        async for frame in frames:
            if isinstance(frame, feed.Quiet):
                yield KEEP_ALIVE


async def _answering(admitted: Admitted, message: int) -> AsyncGenerator[bytes]:
    """Words as they come, from the first; and the rest when the answer is there."""
    stopped, over, begun = "", False, False
    reader, uses = Reader(admitted.run_id), Uses()
    async with aclosing(feed.follow(admitted, 0)) as frames:
        async for frame in frames:
            if isinstance(frame, feed.Ended):
                stopped = "The access to this session has ended."
                break
            if isinstance(frame, feed.Quiet):
                yield KEEP_ALIVE
            for line in frame.lines if isinstance(frame, feed.Told) else ():
                for told in await _told_of(line, reader, uses):
                    yield told
                stopped = _why(line) or stopped
                over = line.name in OVER or (over and line.name not in GOES_ON)
            if over:
                break
            if not begun or isinstance(frame, feed.Quiet):
                # The ear is there since before the first frame: what is written from now on is heard.
                begun = True
                for piece in await reader.catch_up():
                    yield _words(piece)
    said, answer, _ = await _look(message)
    for last in _ending(said, answer, reader.text, stopped=stopped):
        yield last


async def _told_of(line: Line, reader: Reader, uses: Uses) -> list[bytes]:
    """What is said of one line of the feed: words and tools; nothing of the rest."""
    if line.words:
        return [_words(piece) for piece in await reader.hear(line)]
    return [_frame(told) for told in uses.frames(line)]


def _ending(message: Message, answer: Message | None, text: str, *, stopped: str = "") -> list[bytes]:
    """What is left to be told: the rest of the answer and what it took, or why there is none."""
    done = _frame({"event": "done"})
    if answer is None:
        interrupted = message.status == Message.Status.INTERRUPTED
        why = "The answer was interrupted." if interrupted else stopped or "There is no answer."
        return [_frame({"event": "error", "error": why}), done]
    frames = []
    if not answer.content.startswith(text):
        frames.append(_words(Piece(answer.content, anew=True)))
    elif rest := answer.content[len(text) :]:
        frames.append(_words(Piece(rest)))
    stop = {"event": "message", "type": "message_stop", "stop_reason": answer.metadata["stop_reason"]}
    return [*frames, _frame(stop), _frame({"event": "metrics", "data": answer.metadata["usage"]}), done]


def _why(line: Line) -> str:
    """Why a turn does not go on, where this says so."""
    if line.name not in ("task.dead", "task.parked"):
        return ""
    data: Json = json.loads(line.body)["data"]
    told = data.get("error") or data.get("wait") or {}
    return str(told.get("message") or "The answer failed.")


def _words(piece: Piece) -> bytes:
    return _frame({"event": "message", "type": "text_replace" if piece.anew else "text", "data": piece.words})


def _frame(told: Json) -> bytes:
    return f"data: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
