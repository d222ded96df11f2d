"""The ways in which a body or a stream of events can be wrong, whoever speaks."""

from __future__ import annotations

import json

from apps.sandbox.script import Malformed, Script

ENDINGS = (
    b"event: message_delta\n",
    b'"finish_reason":"',
    b"event: response.completed\n",
    b"event: response.incomplete\n",
    b"event: response.failed\n",
    b"data: [DONE]",
    b"transcript.text.done",
)
GIANT = 5 * 1024 * 1024
NOT_TEXT = b'"\xff\xfe":"\xc3\x28",'


def whole(data: bytes, script: Script) -> bytes:
    """A JSON body with what is scripted wrong in it."""
    match script.malformed:
        case "truncated_json":
            return data[: len(data) // 2]
        case "invalid_utf8":
            return data.replace(b"{", b"{" + NOT_TEXT, 1)
        case "giant_line":
            return data.replace(b"{", b'{"padding":"' + b"x" * GIANT + b'",', 1)
        case _:
            return data


def events(stream: list[bytes], script: Script) -> list[bytes]:
    """The same stream with one thing wrong, at event number `malformed_after_events`."""
    if script.malformed is None:
        return stream
    at = min(int(script.malformed_after_events), len(stream) - 1)
    before, victim, after = stream[:at], stream[at], stream[at + 1 :]
    match script.malformed:
        case "crlf":
            return [event.replace(b"\n", b"\r\n") for event in stream]
        case "comments":
            return [b": keep-alive\n\n" + event for event in stream]
        case "no_end":
            return _without_end(stream)
        case "swapped_events":
            return [*before, *after[:1], victim, *after[1:]]
        case kind:
            return [*before, *_wrong(victim, kind), *after]


def _without_end(stream: list[bytes]) -> list[bytes]:
    """All but the events by which a client knows that this was all."""
    last = next(number for number, event in enumerate(stream) if any(mark in event for mark in ENDINGS))
    return stream[:last]


def _wrong(victim: bytes, kind: Malformed) -> list[bytes]:
    """What is sent in place of one event."""
    match kind:
        case "truncated_json":
            head, _, data = victim.rpartition(b"data: ")
            return [head + b"data: " + data[: len(data) // 2].rstrip() + b"\n\n"]
        case "invalid_utf8":
            return [victim.replace(b"data: {", b"data: {" + NOT_TEXT, 1)]
        case "no_event_line":
            return [victim[victim.index(b"data: ") :]]
        case "giant_line":
            return [_like(victim, "ping", padding="x" * GIANT), victim]
        case "unknown_event":
            return [_like(victim, "weather_report", sky="clear"), victim]
        case "empty_data":
            return [b"data:\n\n", victim]
        case _:
            return [victim, victim]


def _like(event: bytes, type_: str, **more: str) -> bytes:
    """An event that nobody has announced, named the way its neighbours are."""
    data = json.dumps({"type": type_, **more}, separators=(",", ":")).encode()
    name = f"event: {type_}\n".encode() if event.startswith(b"event: ") else b""
    return name + b"data: " + data + b"\n\n"
