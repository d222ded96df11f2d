"""A Chat Completions request that was let through, as the rest of the sandbox knows it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.openai import checks, models, parts

Message = dict[str, Any]


def neutral(body: dict[str, Any]) -> dict[str, Any]:
    """The request as the rest of the sandbox knows it."""
    stop = body.get("stop") or []
    shape = body.get("response_format") or {}
    wanted = (shape.get("json_schema") or {}).get("schema") if shape.get("type") == "json_schema" else None
    if shape.get("type") == "json_object":
        wanted = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    thinks = body.get("reasoning_effort") not in models.UNTHINKING and models.reasons(body["model"])
    system, messages = _messages(body["messages"])
    return {
        "model": body["model"],
        "max_tokens": body.get("max_completion_tokens", body.get("max_tokens", 128_000)),
        "system": system,
        "messages": messages,
        "tools": [_neutral_tool(tool) for tool in body.get("tools", [])],
        "tool_choice": checks.neutral_choice(body.get("tool_choice"), parallel=body.get("parallel_tool_calls", True)),
        "stop_sequences": [stop] if isinstance(stop, str) else stop,
        "output_config": {"format": {"type": "json_schema", "schema": wanted}} if wanted else {},
        "thinking": {"type": "adaptive" if thinks else "disabled"},
    }


def _neutral_tool(tool: dict[str, Any]) -> dict[str, Any]:
    function = tool["function"]
    shape = function.get("parameters") or {"type": "object", "properties": {}}
    return {"name": function["name"], "description": function.get("description", ""), "input_schema": shape}


def _messages(given: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    system: list[str] = []
    found: list[Message] = []
    for number, message in enumerate(given):
        blocks = parts.content(f"messages[{number}]", message.get("content") or [])
        match message["role"]:
            case "system" | "developer":
                system += [block["text"] for block in blocks if block["type"] == "text"]
            case "tool":
                result = {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": blocks}
                if number and given[number - 1]["role"] == "tool":
                    found[-1]["content"].append(result)
                else:
                    found.append({"role": "user", "content": [result]})
            case role:
                found.append({"role": role, "content": [*blocks, *map(_call, message.get("tool_calls") or [])]})
    return "\n\n".join(system), found or [{"role": "user", "content": ""}]


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    return parts.call(id=call["id"], name=function.get("name", ""), arguments=function["arguments"])
