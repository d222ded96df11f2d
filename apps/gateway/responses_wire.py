"""A response as the Responses API shows it. Pure."""

from __future__ import annotations

import json
from typing import Any

from .chat_wire import about
from .ending import SPENT
from .standing import Standing

STATUSES = {
    "queued": "queued",
    "working": "in_progress",
    "parked": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}
CUT = frozenset({"max_tokens", "model_context_window_exceeded"})
Json = dict[str, Any]


def response(now: Standing) -> Json:
    """The whole of it, as it stands."""
    row, shown = now.row, now.row.shown
    cut = now.output.get("stop_reason") in CUT
    return {
        "id": row.public_id,
        "object": "response",
        "created_at": int(row.created_at.timestamp()),
        "completed_at": int(now.finished_at.timestamp()) if now.finished_at and now.state == "completed" else None,
        "status": "incomplete" if cut else STATUSES[now.state],
        "background": shown["background"],
        "error": _error(now),
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": shown["instructions"],
        "max_output_tokens": shown["max_output_tokens"],
        "max_tool_calls": None,
        "model": row.model,
        "output": items(now),
        "parallel_tool_calls": True,
        "previous_response_id": row.previous.public_id if row.previous else None,
        "reasoning": {"effort": None, "summary": None},
        "service_tier": "default",
        "store": True,
        "temperature": None,
        "text": shown["text"],
        "tool_choice": shown["tool_choice"],
        "tools": shown["tools"],
        "top_p": None,
        "truncation": "disabled",
        "usage": usage(now),
        "user": None,
        "metadata": shown["metadata"],
        "nexus": about(now) | {"waiting_for": now.why.get("message") if not now.is_over else None},
    }


def items(now: Standing) -> list[Json]:
    """What was said, and the tools that are asked for."""
    said = [message(now)] if now.text else []
    return [*said, *(call(now, place) for place in range(len(now.uses)))]


def message(now: Standing, *, done: bool = True) -> Json:
    """The words as an item; one that is begun has no content yet."""
    return {
        "type": "message",
        "id": f"msg_{key(now)}",
        "status": "completed" if done else "in_progress",
        "role": "assistant",
        "content": [part(now, now.text)] if done else [],
    }


def part(now: Standing, text: str) -> Json:
    """The words of an item."""
    if now.is_refusal:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def call(now: Standing, place: int, *, done: bool = True) -> Json:
    """A tool that is asked for, as an item; one that is begun has no arguments yet."""
    use = now.uses[place]
    return {
        "type": "function_call",
        "id": f"fc_{key(now)}_{place}",
        "call_id": use.id,
        "name": use.name,
        "arguments": (use.malformed or json.dumps(use.input, ensure_ascii=False)) if done else "",
        "status": "completed" if done else "in_progress",
    }


def key(now: Standing) -> str:
    """What its items' ids are made of: the same whenever it is shown."""
    return now.row.public_id.rpartition("_")[2]


def usage(now: Standing) -> Json | None:
    """What it took; nothing before it is known."""
    if "input_tokens" not in now.output:
        return None
    asked, said = now.output["input_tokens"], now.output["output_tokens"]
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + said,
    }


def _error(now: Standing) -> Json | None:
    if now.state != "failed":
        return None
    code = str(now.why.get("code") or "")
    kind = "rate_limit_exceeded" if code in SPENT else "server_error"
    return {"code": kind, "message": f"{now.why.get('message') or 'It failed.'} ({code})"}
