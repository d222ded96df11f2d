"""The event stream of an order. Cut at any place, it goes on after the last event that arrived."""

from __future__ import annotations

import http.client
import json
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .client import Client, order_path
from .exits import UNAVAILABLE, TerminalError

_LONGEST_PAUSE = 3.0


@dataclass(frozen=True)
class Message:
    """One message of the stream: an event of the feed, or `delta`, `done`, `lost` (reconnecting)."""

    kind: str
    data: dict[str, Any]


class Feed:
    """Reads the stream in a thread of its own; `next` returns what came."""

    def __init__(self, client: Client, public_id: str, *, after: int = 0) -> None:
        """Begin after the event with the number `after`."""
        # Keep-alives come every few seconds; silence for much longer is a dead connection.
        self._client = Client(client.address, timeout=40.0)
        self._path = order_path(public_id, "/events")
        self._last = after
        self._came: queue.Queue[Message | TerminalError] = queue.Queue()
        threading.Thread(target=self._read, daemon=True, name="feed").start()

    def next(self, *, within: float) -> Message | None:
        """Return the next message, or None when none came in time. Raises what the server refused."""
        try:
            found = self._came.get(timeout=within)
        except queue.Empty:
            return None
        if isinstance(found, TerminalError):
            raise found
        return found

    def _read(self) -> None:
        pause = 0.1
        while True:
            before = self._last
            try:
                if self._read_once():
                    return
            except TerminalError as refused:
                if refused.code != UNAVAILABLE:
                    self._came.put(refused)
                    return
            except (OSError, http.client.HTTPException, ValueError):
                pass  # cut; what was read so far counts
            pause = 0.1 if self._last > before else min(pause * 2, _LONGEST_PAUSE)
            self._came.put(Message("lost", {}))
            time.sleep(pause)

    def _read_once(self) -> bool:
        """Read until the connection ends; say whether the order is done."""
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self._last)}
        with self._client.stream(self._path, headers) as answer:
            for kind, number, data in messages(iter(answer.readline, b"")):
                if number is not None and number <= self._last:
                    continue  # told twice
                self._last = number if number is not None else self._last
                self._came.put(Message(kind, json.loads(data)))
                if kind == "done":
                    return True
        return False


def messages(lines: Iterable[bytes]) -> Iterator[tuple[str, int | None, str]]:
    """Cut the lines of an event stream into (kind, id, data). One that was cut short is dropped."""
    kind, number, data = "message", None, list[str]()
    for raw in lines:
        line = raw.decode("utf-8").rstrip("\r\n")
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield kind, number, "\n".join(data)
            kind, number, data = "message", None, []
        elif name == "event":
            kind = value
        elif name == "id":
            number = int(value)
        elif name == "data":
            data.append(value)
