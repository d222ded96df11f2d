"""A real web server in this process: the product's ASGI application behind uvicorn, on a free port."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

import httpx2
import uvicorn
from websockets.sync.client import ClientConnection, connect

from .loopback import NOBODY
from .people import ORDERS, Person
from .rivals import wait_for


@dataclass(frozen=True)
class Web:
    """Where the server listens."""

    address: str

    def socket(self, order: str, person: Person | None = None, *, after: int = 0, **given: Any) -> ClientConnection:
        """Open a socket to an order, with a person's key in the header."""
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        headers |= given.pop("headers", {})
        url = f"ws://{self.address}/ws/work-orders/{order}/?after={after}"
        return connect(url, additional_headers=headers, open_timeout=20, proxy=None, **given)

    @contextmanager
    def stream(
        self, order: str, person: Person, *, after: int | None = None, last_event_id: int | None = None
    ) -> Iterator[Stream]:
        """Open the event stream of an order."""
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {person.token}"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        query = "" if after is None else f"?after={after}"
        url = f"http://{self.address}{ORDERS}/{order}/events{query}"
        with (
            httpx2.Client(timeout=20, trust_env=False, verify=NOBODY) as client,
            client.stream("GET", url, headers=headers) as answer,
        ):
            yield Stream(answer)


class Stream:
    """Frames as a browser's EventSource would see them."""

    def __init__(self, answer: httpx2.Response) -> None:
        """Nothing read yet."""
        self.answer = answer
        self._lines = answer.iter_lines()

    def frames(self) -> Iterator[dict[str, Any]]:
        """Each frame as {"id", "event", "data"}; comments and `retry` are left out."""
        frame: dict[str, Any] = {}
        for line in self._lines:
            if not line:
                if "data" in frame:
                    yield frame
                frame = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                frame[name] = json.loads(value) if name == "data" else value


def told(connection: ClientConnection, *, within: float = 10) -> dict[str, Any]:
    """The next frame of a socket."""
    return dict(json.loads(connection.recv(timeout=within)))


@contextmanager
def running() -> Iterator[Web]:
    """The server, until the block ends."""
    from config.asgi import application

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(application, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started, what="the web server")
        host, port = listening.getsockname()
        try:
            yield Web(f"{host}:{port}")
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive(), "the web server did not stop"


def ears(run_id: int) -> int:
    """How many listen to a run in this process."""
    from apps.live import hub

    return sum(len(one._rooms[run_id].ears) for one in list(hub._hubs.values()) if run_id in one._rooms)


def waiters(run_id: int) -> int:
    """How many of them have nothing to do but to wait for news."""
    from apps.live import hub

    rooms = [one._rooms[run_id] for one in list(hub._hubs.values()) if run_id in one._rooms]
    return sum(ear.is_free for room in rooms for ear in list(room.ears))
