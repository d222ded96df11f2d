"""A message as a stream of server-sent events, and the ways in which such a stream can be wrong."""

from __future__ import annotations

import json
import re
from typing import Any

from apps.sandbox.scenarios import Malformed

MOST = 48
SHORTEST = 24
GIANT = 5 * 1024 * 1024

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def event(name: str, data: dict[str, Any]) -> bytes:
    """One event on the wire. Without its `event:` line clients would drop it in silence."""
    return f"event: {name}\ndata: {_json(data)}\n\n".encode()


def events(message: dict[str, Any]) -> list[bytes]:
    """The whole stream for a message, event by event."""
    usage = message.get("usage")
    opening = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    if usage is not None:
        opening["usage"] = {**usage, "output_tokens": min(1, usage.get("output_tokens") or 0)}
    found = [event("message_start", {"type": "message_start", "message": opening})]
    for index, block in enumerate(message["content"]):
        found += _block(index, block)
        if index == 0:
            found.append(event("ping", {"type": "ping"}))
    closing: dict[str, Any] = {
        "type": "message_delta",
        "delta": {name: message[name] for name in ("stop_reason", "stop_sequence", "stop_details")},
    }
    if usage is not None:
        left_out = ("cache_creation", "service_tier", "inference_geo")
        closing["usage"] = {name: value for name, value in usage.items() if name not in left_out}
    found.append(event("message_delta", closing))
    found.append(event("message_stop", {"type": "message_stop"}))
    return found


def malform(stream: list[bytes], kind: Malformed, *, at: int) -> list[bytes]:
    """The same stream with one thing wrong, at event number `at`."""
    at = min(at, len(stream) - 1)
    before, victim, after = stream[:at], stream[at], stream[at + 1 :]
    match kind:
        case "truncated_json":
            name, _, data = victim.partition(b"\ndata: ")
            return [*before, name + b"\ndata: " + data[: len(data) // 2].rstrip() + b"\n\n", *after]
        case "invalid_utf8":
            return [*before, victim.replace(b'"type"', b'"\xff\xfe":"\xc3\x28","type"', 1), *after]
        case "no_event_line":
            return [*before, victim.partition(b"\n")[2], *after]
        case "giant_line":
            return [*before, event("ping", {"type": "ping", "padding": "x" * GIANT}), victim, *after]
        case "unknown_event":
            return [*before, event("weather_report", {"type": "weather_report", "sky": "clear"}), victim, *after]


def pieces(text: str) -> list[str]:
    """Cut text into deltas at the ends of words: lively to watch, few enough to be cheap."""
    size = max(SHORTEST, -(-len(text) // MOST))
    # Up to `size` characters and the space behind them; where there is no space (Chinese), `size` characters.
    return re.findall(rf"(?s).{{1,{size}}}(?:\s+|\Z)|.{{{size}}}", text)


def _block(index: int, block: dict[str, Any]) -> list[bytes]:
    match block["type"]:
        case "text":
            empty = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        case "thinking":
            empty = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case "tool_use":
            empty = {**block, "input": {}}
            parts = ["", *pieces(_json(block["input"]))]
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        case _:
            empty, deltas = block, []
    start = {"type": "content_block_start", "index": index, "content_block": empty}
    return [
        event("content_block_start", start),
        *(
            event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})
            for delta in deltas
        ),
        event("content_block_stop", {"type": "content_block_stop", "index": index}),
    ]


def _json(value: object) -> str:
    return ENCODER.encode(value)
