"""Chat Completions on the wire: an answer in one piece, and in chunks. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .answering import REFUSAL
from .models import Completion
from .standing import Standing

FINISHED = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    REFUSAL: "content_filter",
}
DONE = b"data: [DONE]\n\n"
KEEP_ALIVE = b": keep-alive\n\n"
Json = dict[str, Any]


def completion(standing: Standing) -> Json:
    """The whole answer, as `chat.completion`."""
    text, refused = standing.text, standing.output["stop_reason"] == REFUSAL
    message: Json = {
        "role": "assistant",
        "content": None if refused else text or None,
        "refusal": text if refused else None,
        "annotations": [],
    }
    if calls := _calls(standing):
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(standing)}
    return {
        **_head(standing.row, "chat.completion"),
        "choices": [choice],
        "usage": usage(standing),
        "metadata": standing.row.shown.get("metadata") or {},
        "service_tier": "default",
        "nexus": about(standing),
    }


def about(standing: Standing) -> Json:
    """What Nexus says beside the format's own fields."""
    out = standing.output
    return {
        "model": out.get("model"),
        "role": out.get("role"),
        "cost_usd": out.get("cost_usd"),
        "sandbox": out.get("sandbox", False),
        "work_order_id": standing.row.order_ref or None,
    }


def usage(standing: Standing) -> Json:
    """What it took."""
    asked, said = standing.output.get("input_tokens", 0), standing.output.get("output_tokens", 0)
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


class Chunks:
    """The chunks of one answer. All have the same id and time."""

    def __init__(self, row: Completion) -> None:
        """Nothing said yet."""
        self._head = _head(row, "chat.completion.chunk")
        self._counts = bool(row.shown.get("include_usage"))

    def first(self) -> bytes:
        """Who speaks."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def words(self, text: str) -> bytes:
        """Some words."""
        return self._chunk({"content": text})

    def last(self, standing: Standing) -> Iterator[bytes]:
        """The tools that are asked for, why it ended, what it took."""
        for index, call in enumerate(_calls(standing)):
            name = {"name": call["function"]["name"], "arguments": ""}
            yield self._chunk(
                {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": name}]}
            )
            yield self._chunk(
                {"tool_calls": [{"index": index, "function": {"arguments": call["function"]["arguments"]}}]}
            )
        yield self._chunk({}, finish=_finish(standing))
        if self._counts:
            yield _data({**self._head, "choices": [], "usage": usage(standing), "nexus": about(standing)})
        yield DONE

    def _chunk(self, delta: Json, *, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._head, "choices": [choice], **({"usage": None} if self._counts else {})})


def failed(body: Json) -> Iterator[bytes]:
    """An error in the middle of a stream."""
    yield _data(body)
    yield DONE


def _head(row: Completion, kind: str) -> Json:
    created = int(row.created_at.timestamp())
    return {"id": row.public_id, "object": kind, "created": created, "model": row.model, "system_fingerprint": None}


def _finish(standing: Standing) -> str:
    if standing.uses:
        return "tool_calls"
    return FINISHED.get(standing.output["stop_reason"], "stop")


def _calls(standing: Standing) -> list[Json]:
    return [
        {
            "id": use.id,
            "type": "function",
            "function": {"name": use.name, "arguments": use.malformed or json.dumps(use.input, ensure_ascii=False)},
        }
        for use in standing.uses
    ]


def _data(told: Json) -> bytes:
    return f"data: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
