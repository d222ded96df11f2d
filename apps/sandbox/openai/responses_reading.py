"""A Responses request that was let through, as the rest of the sandbox knows it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.memory import Memory
from apps.sandbox.openai import checks, models, parts

Item = dict[str, Any]


def items(body: dict[str, Any], memory: Memory) -> list[Item]:
    """The whole conversation, what an earlier response stands for included."""
    stored = memory.response(body.get("previous_response_id"))
    before = list(stored["input"]) if stored else []
    given = body["input"]
    mine = [{"type": "message", "role": "user", "content": given}] if isinstance(given, str) else given
    return before + mine


def neutral(body: dict[str, Any], items: list[Item]) -> dict[str, Any]:
    """The request as the rest of the sandbox knows it."""
    shape = (body.get("text") or {}).get("format") or {}
    wanted = shape.get("schema") if shape.get("type") == "json_schema" else None
    effort = (body.get("reasoning") or {}).get("effort")
    thinks = effort not in models.UNTHINKING and models.reasons(body["model"])
    system, messages = _messages(items)
    return {
        "model": body["model"],
        "max_tokens": body.get("max_output_tokens", 128_000),
        "system": "\n\n".join(text for text in (body.get("instructions"), system) if text),
        "messages": messages,
        "tools": [_neutral_tool(tool) for tool in body.get("tools", []) if tool["type"] == "function"],
        "tool_choice": checks.neutral_choice(body.get("tool_choice"), parallel=body.get("parallel_tool_calls", True)),
        "output_config": {"format": {"type": "json_schema", "schema": wanted}} if wanted else {},
        "thinking": {"type": "adaptive" if thinks else "disabled"},
    }


def _neutral_tool(tool: dict[str, Any]) -> dict[str, Any]:
    shape = tool.get("parameters") or {"type": "object", "properties": {}}
    return {"name": tool["name"], "description": tool.get("description") or "", "input_schema": shape}


def _messages(items: list[Item]) -> tuple[str, list[Item]]:
    """Items as messages: what the assistant said, thought and called between two answers is one message."""
    system: list[str] = []
    found: list[Item] = []
    for number, item in enumerate(items):
        kind, at = item.get("type", "message"), f"input[{number}]"
        if kind == "message" and item["role"] in ("system", "developer"):
            system += [block["text"] for block in parts.content(at, item["content"]) if block["type"] == "text"]
        elif kind == "function_call_output":
            blocks = parts.content(at, item["output"], name="output")
            _join(found, "user", [{"type": "tool_result", "tool_use_id": item["call_id"], "content": blocks}])
        elif kind == "function_call":
            _join(found, "assistant", [_call(item)])
        elif kind == "message" and item["role"] == "assistant":
            _join(found, "assistant", parts.content(at, item["content"]))
        elif kind == "message":
            found.append({"role": "user", "content": parts.content(at, item["content"])})
    return "\n\n".join(system), found or [{"role": "user", "content": ""}]


def _join(found: list[Item], role: str, blocks: list[Item]) -> None:
    last = found[-1] if found else None
    same = last is not None and last["role"] == role
    if last is not None and same and (role == "assistant" or _brings_results(last)):
        last["content"] += blocks
    else:
        found.append({"role": role, "content": blocks})


def _brings_results(message: Item) -> bool:
    return bool(message["content"]) and message["content"][0]["type"] == "tool_result"


def _call(item: Item) -> Item:
    return parts.call(id=item["call_id"], name=item.get("name", ""), arguments=item["arguments"])
