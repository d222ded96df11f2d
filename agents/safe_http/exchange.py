"""One request and its answer over one socket, within a time and a size."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import h11

from .bodies import Body
from .errors import FetchFailed, FetchRefused
from .urls import Target

PIECE = 65_536
LARGEST_HEAD = 65_536


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A request."""

    method: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer."""

    status: int
    headers: dict[str, str]
    """Names in lower case; the last of several."""
    body: bytes
    cut: bool


def exchange(link: socket.socket, target: Target, asking: Asking, *, most: int, remaining: Callable[[], float]) -> Said:
    """Send the request and read the answer; raise FetchFailed when it does not come whole, FetchRefused when odd."""
    wire = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
    try:
        _send(link, wire, target, asking, remaining)
        head = _head(link, wire, remaining)
        headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in head.headers}
        body = Body(coding=headers.get("content-encoding", ""), most=most)
        while not body.cut and isinstance(event := _next(link, wire, remaining), h11.Data):
            body.take(bytes(event.data))
    except h11.RemoteProtocolError as error:
        raise FetchFailed(f"The server does not speak HTTP as it should: {error}", sent=True) from None
    except h11.LocalProtocolError as error:
        raise FetchRefused(f"The request cannot be sent: {error}") from None
    except OSError as error:
        raise FetchFailed(f"The connection broke: {error}", sent=True) from None
    return Said(status=head.status_code, headers=headers, body=body.whole(), cut=body.cut)


def _send(
    link: socket.socket, wire: h11.Connection, target: Target, asking: Asking, remaining: Callable[[], float]
) -> None:
    headers = {name.lower(): value for name, value in asking.headers.items()}
    headers |= {"host": target.authority, "accept-encoding": "gzip, deflate", "connection": "close"}
    if asking.body:
        headers["content-length"] = str(len(asking.body))
    head = h11.Request(method=asking.method, target=target.path, headers=list(headers.items()))
    events = [head, *([h11.Data(data=asking.body)] if asking.body else []), h11.EndOfMessage()]
    written = b"".join(wire.send(event) or b"" for event in events)
    link.settimeout(remaining())
    link.sendall(written)


def _head(link: socket.socket, wire: h11.Connection, remaining: Callable[[], float]) -> h11.Response:
    while True:
        event = _next(link, wire, remaining)
        if isinstance(event, h11.Response):
            return event
        if not isinstance(event, h11.InformationalResponse):
            raise FetchFailed("The server closed the connection without an answer", sent=True)


def _next(link: socket.socket, wire: h11.Connection, remaining: Callable[[], float]) -> object:
    while (event := wire.next_event()) is h11.NEED_DATA:
        link.settimeout(remaining())  # before every read: a byte now and then does not stretch the whole
        wire.receive_data(link.recv(PIECE))
    return event
