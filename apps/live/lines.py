"""What is told to a client, in the form of each door. Pure.

A line is told to many. Each form is made once, by the first who needs it, and then shared by all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

_TEXT_AND_LAST = 0x81
"""First byte of a WebSocket frame: a text message that ends here (RFC 6455, section 5.2)."""


@dataclass(frozen=True)
class Line:
    """One message. Only events of the table have a seq: it is what a reconnect goes on after."""

    type: str
    """What a socket's message calls it."""
    name: str
    """What a stream's event calls it."""
    body: str
    """JSON: the data of a stream's event."""
    text: str
    """JSON: the whole of a socket's message."""
    seq: int = 0
    words: str = ""
    """What a model is writing, where that is what is told."""
    at: int = 0
    """Where it stands in all that one execution of its task says."""
    by: int = 0
    """Which execution: a later one has a higher number."""

    @cached_property
    def chunk(self) -> bytes:
        """For a stream."""
        place = f"id: {self.seq}\n" if self.seq else ""
        return f"{place}event: {self.name}\ndata: {self.body}\n\n".encode()

    @cached_property
    def message(self) -> dict[str, str]:
        """For a socket, through ASGI."""
        return {"type": "websocket.send", "text": self.text}

    @cached_property
    def frame(self) -> bytes:
        """For a socket, as it goes over the wire from a server: unmasked, uncompressed, in one piece."""
        payload = self.text.encode()
        size = len(payload)
        if size < 126:
            return bytes((_TEXT_AND_LAST, size)) + payload
        if size < 1 << 16:
            return bytes((_TEXT_AND_LAST, 126)) + size.to_bytes(2) + payload
        return bytes((_TEXT_AND_LAST, 127)) + size.to_bytes(8) + payload


def of_event(event: dict[str, Any]) -> Line:
    """An event of the table."""
    body = _json(event)
    return Line("event", event["kind"], body, f'{{"type":"event","event":{body}}}', event["seq"])


def of_words(task: str, delta: str, at: int = 0, by: int = 0) -> Line:
    """What a model is writing; not in the table, and lost on the way now and then."""
    return replace(_flat("delta", {"task": task, "delta": delta}), words=delta, at=at, by=by)


def of_hint(hint: dict[str, Any]) -> Line:
    """The same, as it was published."""
    return of_words(str(hint["task"]), str(hint["delta"]), int(hint.get("at", 0)), int(hint.get("by", 0)))


def of_end(last_seq: int) -> Line:
    """The run is final, and all of it was told."""
    return _flat("done", {"last_seq": last_seq})


def _flat(type: str, data: dict[str, Any]) -> Line:
    return Line(type, type, _json(data), _json({"type": type} | data))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
