"""The feed as Server-Sent Events."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from apps.accounts.authentication import caller_for

from . import admission, feed
from .table import on_threads

MEDIA_TYPE = "text/event-stream"
WHERE = re.compile(r"/api/v2/work-orders/[^/]+/events")
RECONNECT_AFTER_MS = 3000
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Nothing on the way may keep or collect what is sent."""


def wanted(request: HttpRequest) -> bool:
    """Does the client read the feed as a stream?"""
    return request.method == "GET" and _accepts(request.headers.get("Accept", ""))


def is_one(scope: Mapping[str, Any]) -> bool:
    """The same, before Django has looked at the request: it will last, and its thread would idle with it."""
    if scope["method"] != "GET" or not WHERE.fullmatch(scope["path"]):
        return False
    return _accepts(",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"))


def _accepts(header: str) -> bool:
    return any(part.partition(";")[0].strip().lower() == MEDIA_TYPE for part in header.split(","))


async def stream(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """GET: everything after `Last-Event-ID` or `?after`, then what happens, until the order is final."""
    admitted, after = await _admit(request, public_id)
    return StreamingHttpResponse(_told(admitted, after), content_type=MEDIA_TYPE, headers=HEADERS)


@on_threads
def _admit(request: HttpRequest, public_id: str) -> tuple[admission.Admitted, int]:
    caller = caller_for(request)
    after = admission.position(request.GET, last_event_id=request.headers.get("Last-Event-ID"))
    return admission.admit(caller, public_id, session=request.session.session_key), after


async def _told(admitted: admission.Admitted, after: int) -> AsyncIterator[bytes]:
    yield f"retry: {RECONNECT_AFTER_MS}\n\n".encode()
    async with aclosing(feed.follow(admitted, after)) as frames:
        async for frame in frames:
            yield spelt(frame)


def spelt(frame: feed.Frame) -> bytes:
    """A frame as it is sent."""
    match frame:
        case feed.Told(lines):
            return b"".join(line.chunk for line in lines)
        case feed.Quiet():
            return b": keep-alive\n\n"
        case feed.Ended():
            return b'event: error\ndata: {"code":"access_ended"}\n\n'
