"""A Chat Completions request: what is refused of it, and what it asks."""

from __future__ import annotations

from typing import Any

from apps.sandbox.openai import checks, models, parts
from apps.sandbox.problem import invalid

FIELDS: dict[str, checks.Kinds] = {
    "model": str, "messages": list, "audio": dict, "frequency_penalty": float, "logit_bias": dict, "logprobs": bool,
    "max_completion_tokens": int, "max_tokens": int, "metadata": dict, "modalities": list, "moderation": dict, "n": int,
    "parallel_tool_calls": bool, "prediction": dict, "presence_penalty": float, "prompt_cache_key": str,
    "prompt_cache_options": dict, "prompt_cache_retention": str, "reasoning_effort": str, "response_format": dict,
    "safety_identifier": str, "seed": int, "service_tier": str, "stop": (str, list), "store": bool, "stream": bool,
    "stream_options": dict, "temperature": float, "tool_choice": (str, dict), "tools": list, "top_logprobs": int,
    "top_p": float, "user": str, "verbosity": str, "web_search_options": dict,
}  # fmt: skip
ROLES = ("developer", "system", "user", "assistant", "tool")


def checked(body: object) -> dict[str, Any]:
    """The request, when the provider would take it."""
    found = checks.check_fields(body, FIELDS, required=("model", "messages"))
    models.check(found["model"])
    checks.check_sampling(found)
    if "max_tokens" in found and models.reasons(found["model"]):
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        raise invalid(message, param="max_tokens", code="unsupported_parameter")
    if found.get("n", 1) != 1:
        raise invalid("Invalid value for 'n': the sandbox answers once.", param="n", code="integer_above_max_value")
    if "stream_options" in found and not found.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid(message, param="stream_options")
    names = [_tool(f"tools[{number}]", tool) for number, tool in enumerate(found.get("tools", []))]
    checks.check_choice(found.get("tool_choice"), names)
    _check_format(found.get("response_format") or {"type": "text"})
    _check_messages(found["messages"])
    return found


def _tool(at: str, tool: object) -> str:
    kind = tool.get("type") if isinstance(tool, dict) else None
    if not isinstance(tool, dict) or kind != "function":
        raise checks.unsupported(kind, ("function",), param=f"{at}.type")
    return checks.check_function(f"{at}.function", tool.get("function"))


def _check_format(shape: dict[str, Any]) -> None:
    checks.check_kind(shape, param="response_format")
    if shape["type"] == "json_schema":
        checks.check_wanted(shape.get("json_schema"), param="response_format.json_schema")


def _check_messages(messages: list[Any]) -> None:
    if not messages:
        raise invalid(
            "Invalid 'messages': empty array. Expected an array with minimum length 1.",
            param="messages",
            code="empty_array",
        )
    waiting: list[str] = []
    for number, message in enumerate(messages):
        at = f"messages[{number}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            raise checks.unsupported(role, ROLES, param=f"{at}.role")
        if role == "tool":
            waiting = _take_result(at, message, waiting)
            continue
        _check_answered(waiting, number)
        waiting = _calls(at, message) if role == "assistant" else []
        if message.get("content") is None and not (role == "assistant" and (waiting or message.get("refusal"))):
            raise invalid("Invalid value for 'content': expected a string, got null.", param=f"{at}.content")
        parts.content(at, message.get("content") or "")
    _check_answered(waiting, len(messages))


def _take_result(at: str, message: dict[str, Any], waiting: list[str]) -> list[str]:
    if message.get("tool_call_id") not in waiting:
        told = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
        raise invalid(f"Invalid parameter: {told}", param=f"{at}.role")
    return [one for one in waiting if one != message["tool_call_id"]]


def _check_answered(waiting: list[str], number: int) -> None:
    if waiting:
        message = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(waiting)}"
        )
        raise invalid(message, param=f"messages.[{number}].role")


def _calls(at: str, message: dict[str, Any]) -> list[str]:
    found = []
    for number, call in enumerate(message.get("tool_calls") or []):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("arguments"), str) or not call.get("id"):
            where = f"{at}.tool_calls[{number}]"
            raise checks.missing(where)
        found.append(call["id"])
    return found
