"""A chat completion: whole, and as the chunks of a stream."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

from apps.sandbox.answer import Answer
from apps.sandbox.ask import Ask
from apps.sandbox.cache import Cached
from apps.sandbox.sse import ENCODER, pieces

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "stop",
    "model_context_window_exceeded": "length",
}


def usage_of(asked: Ask, made: Answer, cached: Cached) -> dict[str, Any]:
    """What the answer cost, in this API's terms: details are inside their totals."""
    return {
        "prompt_tokens": asked.input_tokens,
        "completion_tokens": made.output_tokens,
        "total_tokens": asked.input_tokens + made.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": cached.read,
            "cache_write_tokens": cached.written,
            "audio_tokens": sum(file.tokens for file in asked.files if file.kind == "audio"),
        },
        "completion_tokens_details": {
            "reasoning_tokens": made.thinking_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def completion(made: Answer, *, body: dict[str, Any], usage: dict[str, Any] | None) -> dict[str, Any]:
    """The whole answer as one ChatCompletion. Without usage the field is left out."""
    text = "".join(block["text"] for block in made.content if block["type"] == "text")
    calls = [call_of(block) for block in made.content if block["type"] == "tool_use"]
    refused = made.stop_reason == "refusal"
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if refused or (calls and not text) else text,
        "refusal": text if refused else None,
        "annotations": [],
    }
    if calls:
        message["tool_calls"] = calls
    finish = FINISH.get(made.stop_reason, made.stop_reason)
    found: dict[str, Any] = {
        "id": f"chatcmpl-sandbox-{digest(body)[:24]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
    }
    if usage is not None:
        found["usage"] = usage
    return found | {"service_tier": "default", "system_fingerprint": "fp_sandbox"}


def chunks(whole: dict[str, Any], *, counts: bool) -> list[dict[str, Any]]:
    """The same as a stream; with `counts` its last chunk tells the usage."""
    choice = whole["choices"][0]
    message = choice["message"]
    opening = {"role": "assistant", "content": "" if message["content"] is not None else None, "refusal": None}
    deltas: list[dict[str, Any]] = [opening]
    deltas += [{"content": piece} for piece in pieces(message["content"] or "")]
    deltas += [{"refusal": piece} for piece in pieces(message["refusal"] or "")]
    for index, call in enumerate(message.get("tool_calls", ())):
        deltas += _call_deltas(index, call)
    shared = {name: whole[name] for name in ("id", "created", "model", "service_tier", "system_fingerprint")}
    shared = {"id": shared.pop("id"), "object": "chat.completion.chunk", **shared}
    told: dict[str, Any] = {"usage": None} if counts else {}
    found = [
        {**shared, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}], **told}
        for delta in deltas
    ]
    end = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": choice["finish_reason"]}
    found.append({**shared, "choices": [end], **told})
    if counts and "usage" in whole:
        found.append({**shared, "choices": [], "usage": whole["usage"]})
    return found


def call_of(block: dict[str, Any]) -> dict[str, Any]:
    """A tool call in this API's shape: arguments are a text."""
    return {
        "id": call_id(block),
        "type": "function",
        "function": {"name": block["name"], "arguments": arguments(block)},
    }


def call_id(block: dict[str, Any]) -> str:
    """The id of a call, as OpenAI's begin."""
    name = str(block["id"])
    return "call_" + name.removeprefix("toolu_") if name.startswith("toolu_") else name


def arguments(block: dict[str, Any]) -> str:
    """The arguments of a call, as text; as it was written where a script wrote it."""
    raw = block.get("raw")
    return raw if isinstance(raw, str) else ENCODER.encode(block["input"])


def digest(body: dict[str, Any]) -> str:
    """What the ids of an answer are made of: the same body gets the same ids, streamed or not."""
    said = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _call_deltas(index: int, call: dict[str, Any]) -> list[dict[str, Any]]:
    function = call["function"]
    opening = {"index": index, **call, "function": {"name": function["name"], "arguments": ""}}
    parts = pieces(function["arguments"])
    return [
        {"tool_calls": [opening]},
        *({"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in parts),
    ]
