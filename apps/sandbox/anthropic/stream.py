"""A message as the stream of events in which the Messages API sends it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.sse import ENCODER, event, pieces


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
            empty = {name: part for name, part in block.items() if name != "raw"} | {"input": {}}
            parts = ["", *pieces(_arguments(block))]
            deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
        case _:
            empty, deltas = dict(block), []
    start = {"type": "content_block_start", "index": index, "content_block": empty}
    return [
        event("content_block_start", start),
        *(
            event("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta})
            for delta in deltas
        ),
        event("content_block_stop", {"type": "content_block_stop", "index": index}),
    ]


def _arguments(block: dict[str, Any]) -> str:
    # A script may want arguments that are no JSON: they travel as they were written.
    raw = block.get("raw")
    return raw if isinstance(raw, str) else ENCODER.encode(block["input"])
