"""HTTP/1.1 on a bare asyncio protocol with h11: requests in, replies out.

An ASGI server cannot break a connection half way; this one can, because the transport is in its hands.
One request is answered at a time on each connection, in order; a client that leaves cancels its answer.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

REVOKED = "sk-revoked"
"""How a key begins that no provider here takes any more."""

BODY_LIMIT = 32 * 1024 * 1024
HEAD_LIMIT = 64 * 1024

Headers = list[tuple[str, str]]

SANDBOX_HEADER = ("x-nexus-sandbox", "1")
"""Every reply says where it comes from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request, received whole. Header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    too_large: bool = False


class Reply:
    """The way back to the client for one request. `sent` counts the bytes of body."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.sent = 0

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a reply of known length in one go."""
        head = h11.Response(status_code=status, headers=[*headers, ("content-length", str(len(body)))])
        self._connection.put(head, h11.Data(data=body), h11.EndOfMessage())
        self.sent += len(body)
        await self._connection.drained()

    async def head(self, status: int, headers: Headers) -> None:
        """Begin a reply whose length is not known yet (chunked)."""
        self._connection.put(h11.Response(status_code=status, headers=headers))
        await self._connection.drained()

    async def part(self, data: bytes) -> None:
        """Send some of the body."""
        self._connection.put(h11.Data(data=data))
        self.sent += len(data)
        await self._connection.drained()

    async def end(self) -> None:
        """Close the body properly."""
        self._connection.put(h11.EndOfMessage())
        await self._connection.drained()

    def drop(self) -> None:
        """Close the connection, whatever was promised."""
        self._connection.drop()

    def reset(self) -> None:
        """Close the connection with a TCP reset."""
        self._connection.reset()


Answerer = Callable[[Request, Reply], Awaitable[None]]


class Connection(asyncio.Protocol):
    """One client connection: keep-alive, one request at a time."""

    def __init__(self, answer: Answerer, open_connections: set[Connection]) -> None:
        self._answer = answer
        self._open = open_connections
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
        self._transport: asyncio.Transport
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None
        self._head: h11.Request | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            self._refuse(error)
        else:
            self._advance()

    def put(self, *events: h11.Event) -> None:
        """Write events of a reply, together."""
        if self._transport.is_closing():
            return
        self._transport.write(b"".join(self._http.send(event) or b"" for event in events))

    async def drained(self) -> None:
        """Wait until the client has taken what was written."""
        if not self._writable.is_set():
            await self._writable.wait()

    def drop(self) -> None:
        self._transport.close()

    def reset(self) -> None:
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            # Linger zero: the kernel throws away what is unsent and answers with RST in place of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _advance(self) -> None:
        try:
            self._take_events()
        except h11.RemoteProtocolError as error:
            self._refuse(error)

    def _take_events(self) -> None:
        while self._task is None:
            match self._http.next_event():
                case h11.Request() as head:
                    self._head, self._parts, self._size = head, [], 0
                    if self._http.they_are_waiting_for_100_continue:
                        self.put(h11.InformationalResponse(status_code=100, headers=[]))
                case h11.Data(data=data):
                    self._size += len(data)
                    if self._size <= BODY_LIMIT:
                        self._parts.append(bytes(data))
                case h11.EndOfMessage():
                    self._task = asyncio.get_running_loop().create_task(self._serve(self._take()))
                case h11.ConnectionClosed():
                    self._transport.close()
                    return
                case _:
                    return

    def _take(self) -> Request:
        assert self._head is not None
        target = urlsplit(self._head.target.decode("latin-1"))
        return Request(
            method=self._head.method.decode("ascii"),
            path=unquote(target.path),
            query=dict(parse_qsl(target.query)),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in self._head.headers},
            body=b"".join(self._parts),
            too_large=self._size > BODY_LIMIT,
        )

    async def _serve(self, request: Request) -> None:
        try:
            await self._answer(request, Reply(self))
        finally:
            self._task = None
        if self._transport.is_closing():
            return
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self._advance()
        else:
            self._transport.close()

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": str(error)}})
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            head = h11.Response(status_code=error.error_status_hint, headers=headers)
            self.put(head, h11.Data(data=body.encode()), h11.EndOfMessage())
        self._transport.close()
