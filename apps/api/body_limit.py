"""ASGI: refuse a large body while it arrives. Django would first write all of it to disk."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

MB = 1024 * 1024
SLACK = 1024
"""The parser refuses at the limit itself, with a pointer; this wall stands a little behind it."""


def limited(application: Application, *, most: int, more: Mapping[str, int] | None = None) -> Application:
    """Return `application` behind a wall that lets bodies of up to `most` bytes pass; of paths in `more`, so many."""
    larger = more or {}

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        allowed = larger.get(scope["path"], most)
        if _declared(scope) > allowed + SLACK:
            await _refuse(scope, send, allowed)
            return
        wall = _Wall(receive, send, allowed + SLACK)
        await application(scope, wall.receive, wall.send)
        if wall.overrun and not wall.answered:
            await _refuse(scope, send, allowed)

    return guarded


class _Wall:
    """Counts what arrives. Beyond the limit it tells the application that the client has gone."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self.overrun = self.answered = False

    async def receive(self) -> Message:
        if self.overrun:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        self.overrun = self._left < 0
        return {"type": "http.disconnect"} if self.overrun else message

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:12])
    return 0


async def _refuse(scope: Scope, send: Send, allowed: int) -> None:
    request_id = uuid.uuid4().hex
    body = {
        "type": "urn:nexus:problem:body_too_large",
        "title": "Request Entity Too Large",
        "status": 413,
        "detail": f"The body is larger than {allowed / MB:g} MB.",
        "instance": scope["path"][:200],
        "code": "body_too_large",
        "request_id": request_id,
        "errors": [],
    }
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
