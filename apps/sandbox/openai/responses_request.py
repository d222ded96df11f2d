"""A Responses request: what is refused of it, and what it asks."""

from __future__ import annotations

from typing import Any

from apps.sandbox.memory import Memory
from apps.sandbox.openai import checks, models, parts, responses_reading, thoughts
from apps.sandbox.problem import invalid

FIELDS: dict[str, checks.Kinds] = {
    "model": str, "input": (str, list), "background": bool, "context_management": list, "conversation": (str, dict),
    "include": list, "instructions": str, "max_output_tokens": int, "max_tool_calls": int, "metadata": dict,
    "moderation": dict, "parallel_tool_calls": bool, "previous_response_id": str, "prompt": dict,
    "prompt_cache_key": str, "prompt_cache_options": dict, "prompt_cache_retention": str, "reasoning": dict,
    "safety_identifier": str, "service_tier": str, "store": bool, "stream": bool, "stream_options": dict,
    "temperature": float, "text": dict, "tool_choice": (str, dict), "tools": list, "top_logprobs": int, "top_p": float,
    "truncation": str, "user": str,
}  # fmt: skip
ROLES = ("user", "assistant", "system", "developer")
LEAST_TOKENS = 16

Item = dict[str, Any]


def checked(body: object, memory: Memory) -> dict[str, Any]:
    """The request, when the provider would take it."""
    found = checks.check_fields(body, FIELDS, required=("model", "input"))
    models.check(found["model"])
    checks.check_sampling(found)
    if found.get("max_output_tokens", LEAST_TOKENS) < LEAST_TOKENS:
        message = (
            f"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {LEAST_TOKENS}, "
            f"but got {found['max_output_tokens']} instead."
        )
        raise invalid(message, param="max_output_tokens", code="integer_below_min_value")
    if found.get("background"):
        raise invalid("The sandbox answers at once: 'background' is not known here.", param="background")
    tools = found.get("tools", [])
    names = [_tool(f"tools[{number}]", tool) for number, tool in enumerate(tools)]
    checks.check_choice(found.get("tool_choice"), [name for name in names if name])
    _check_format((found.get("text") or {}).get("format") or {"type": "text"})
    earlier = found.get("previous_response_id")
    if earlier is not None and memory.response(earlier) is None:
        message = f"Previous response with id '{earlier}' not found."
        raise invalid(message, param="previous_response_id", code="previous_response_not_found")
    _check_items(responses_reading.items(found, memory))
    return found


def _tool(at: str, tool: object) -> str | None:
    if not isinstance(tool, dict) or not tool.get("type"):
        raise checks.missing(f"{at}.type")
    # Tools that run at the provider are taken, and never used: there is nothing behind them here.
    return checks.check_function(at, tool) if tool["type"] == "function" else None


def _check_format(shape: dict[str, Any]) -> None:
    checks.check_kind(shape, param="text.format")
    if shape["type"] == "json_schema":
        checks.check_wanted(shape, param="text.format")


def _check_items(items: list[Any]) -> None:
    if not items:
        raise invalid("Invalid 'input': empty array.", param="input", code="empty_array")
    called: set[str] = set()
    answered: set[str] = set()
    for number, item in enumerate(items):
        at = f"input[{number}]"
        if not isinstance(item, dict):
            raise invalid(f"Invalid type for '{at}': expected an object.", param=at, code="invalid_type")
        match item.get("type", "message"):
            case "message":
                _check_message(at, item)
            case "function_call":
                called.add(_named(at, item, "call_id"))
                _named(at, item, "arguments")
            case "function_call_output":
                answered.add(_answer_to(at, item, called))
            case "reasoning" | "item_reference":
                pass
            case other:
                raise invalid(f"Invalid value: '{other}'.", param=f"{at}.type", code="invalid_value")
    thoughts.check(items)
    if missing := sorted(called - answered):
        raise invalid(f"No tool output found for function call {missing[0]}.", param="input")


def _check_message(at: str, item: Item) -> None:
    if item.get("role") not in ROLES:
        raise checks.unsupported(item.get("role"), ROLES, param=f"{at}.role")
    parts.content(at, item.get("content"))


def _answer_to(at: str, item: Item, called: set[str]) -> str:
    call = _named(at, item, "call_id")
    if call not in called:
        raise invalid(f"No tool call found for function call output with call_id {call}.", param="input")
    parts.content(at, item.get("output"), name="output")
    return call


def _named(at: str, item: Item, name: str) -> str:
    if not isinstance(item.get(name), str):
        raise checks.missing(f"{at}.{name}")
    return str(item[name])
