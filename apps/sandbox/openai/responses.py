"""A response: the object that the Responses API answers with."""

from __future__ import annotations

import time
from typing import Any

from apps.sandbox.answer import Answer
from apps.sandbox.ask import Ask
from apps.sandbox.cache import Cached
from apps.sandbox.memory import Memory
from apps.sandbox.openai.chat import arguments, call_id, digest
from apps.sandbox.problem import Problem

INCOMPLETE = {"max_tokens": "max_output_tokens", "content_filter": "content_filter"}
ENDED_WELL = ("end_turn", "stop_sequence", "tool_use", "refusal")


def usage_of(asked: Ask, made: Answer, cached: Cached) -> dict[str, Any]:
    """What the answer cost, in this API's terms: details are inside their totals."""
    return {
        "input_tokens": asked.input_tokens,
        "input_tokens_details": {"cached_tokens": cached.read, "cache_write_tokens": cached.written},
        "output_tokens": made.output_tokens,
        "output_tokens_details": {"reasoning_tokens": made.thinking_tokens},
        "total_tokens": asked.input_tokens + made.output_tokens,
    }


def response(
    made: Answer, *, body: dict[str, Any], items: list[dict[str, Any]], usage: dict[str, Any] | None
) -> dict[str, Any]:
    """The whole answer as one Response. Without usage the field is null."""
    seed = digest(body | {"input": items})[:24]
    now = int(time.time())
    reason = INCOMPLETE.get(made.stop_reason)
    failed = made.stop_reason not in ENDED_WELL and reason is None
    status = "failed" if failed else "incomplete" if reason else "completed"
    error = {"code": "server_error", "message": f"The model stopped: {made.stop_reason}."}
    return {
        "id": f"resp_sandbox_{seed}",
        "object": "response",
        "created_at": now,
        "completed_at": now if status == "completed" else None,
        "status": status,
        "background": False,
        "error": error if failed else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [_item(made, block, seed, number, body) for number, block in enumerate(made.content)],
        "usage": usage,
        **_repeated(body),
    }


def stored(memory: Memory, response_id: str) -> dict[str, Any]:
    """An earlier response, where it was stored."""
    found = memory.response(response_id)
    if found is None:
        raise _unknown(response_id)
    return dict(found["response"])


def deleted(memory: Memory, response_id: str) -> dict[str, Any]:
    """What is told when an earlier response is forgotten."""
    if not memory.drop(response_id):
        raise _unknown(response_id)
    return {"id": response_id, "object": "response", "deleted": True}


def _unknown(response_id: str) -> Problem:
    message = f"Response with id '{response_id}' not found."
    return Problem(status=404, message=message, type="invalid_request_error")


def _repeated(body: dict[str, Any]) -> dict[str, Any]:
    """What a response repeats of its request, with what is usual where nothing was said."""
    usual = {
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": body["model"],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "user": None,
        "metadata": {},
    }
    reasoning = {"effort": None, "summary": None} | (body.get("reasoning") or {})
    text = {"format": {"type": "text"}, "verbosity": "medium"} | (body.get("text") or {})
    tools = [{"strict": True, **tool} for tool in body.get("tools", [])]
    said = {name: body.get(name, value) for name, value in usual.items()}
    return said | {"reasoning": reasoning, "text": text, "tools": tools}


def _item(made: Answer, block: dict[str, Any], seed: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    own = f"sandbox_{seed}_{number}"
    match block["type"]:
        case "tool_use":
            call = {"call_id": call_id(block), "name": block["name"], "arguments": arguments(block)}
            return {"type": "function_call", "id": f"fc_{own}", **call, "status": "completed"}
        case "thinking" | "redacted_thinking":
            return _reasoning(block, own, body)
        case _:
            cut = made.stop_reason in INCOMPLETE and number == len(made.content) - 1
            part = (
                {"type": "refusal", "refusal": block["text"]}
                if made.stop_reason == "refusal"
                else {"type": "output_text", "text": block["text"], "annotations": [], "logprobs": []}
            )
            status = "incomplete" if cut else "completed"
            return {"type": "message", "id": f"msg_{own}", "status": status, "role": "assistant", "content": [part]}


def _reasoning(block: dict[str, Any], own: str, body: dict[str, Any]) -> dict[str, Any]:
    tells = (body.get("reasoning") or {}).get("summary") is not None and block.get("thinking")
    summary = [{"type": "summary_text", "text": block["thinking"]}] if tells else []
    found: dict[str, Any] = {"type": "reasoning", "id": f"rs_{own}", "summary": summary}
    if "reasoning.encrypted_content" in body.get("include", ()):
        found["encrypted_content"] = block.get("signature") or block.get("data")
    return found
