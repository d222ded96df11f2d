"""What the Messages API refuses, in its own words. Nothing here changes the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.sandbox import schema
from apps.sandbox.anthropic import attached, caching, thoughts
from apps.sandbox.anthropic.models import MODEL_IDS, unknown_model
from apps.sandbox.anthropic.wire import VERSIONS
from apps.sandbox.http import REVOKED
from apps.sandbox.problem import Problem, invalid

FIELDS = {
    "model": str,
    "messages": list,
    "max_tokens": int,
    "system": (str, list),
    "tools": list,
    "tool_choice": dict,
    "stop_sequences": list,
    "stream": bool,
    "metadata": dict,
    "thinking": dict,
    "output_config": dict,
    "service_tier": str,
    "speed": str,
    "cache_control": dict,
    "container": (str, dict),
    "diagnostics": dict,
    "inference_geo": str,
}
NULLABLE = {"cache_control", "container", "diagnostics", "inference_geo", "speed"}
REQUIRED = ("model", "messages", "max_tokens")
COUNTING = {
    "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "speed",
}  # fmt: skip
SAMPLING = ("temperature", "top_p", "top_k")
WORDS = {dict: "dictionary", list: "list", str: "string", int: "integer", bool: "boolean"}
MOST_TOKENS = 128_000
EFFORTS = ("low", "medium", "high", "xhigh", "max")
NEEDED = {"tool_use": ("id", "name", "input"), "tool_result": ("tool_use_id",)}
THINKING = ("adaptive", "enabled", "disabled", "between_tools")


def check_headers(headers: dict[str, str]) -> None:
    """Who is asking, and in which version of the API."""
    bearer = headers.get("authorization", "")
    if not headers.get("x-api-key") and not (bearer.startswith("Bearer ") and bearer[7:].strip()):
        raise Problem(status=401, message="x-api-key header is required")
    if (headers.get("x-api-key") or bearer[7:]).startswith(REVOKED):
        raise Problem(status=401)
    version = headers.get("anthropic-version")
    if version is None:
        raise invalid("anthropic-version: header is required")
    if version not in VERSIONS:
        raise invalid(f'anthropic-version: "{version}" is not a valid version')


def check_body(
    body: object, *, counting: bool = False, has_paused: Callable[[object], bool] = lambda _: False
) -> dict[str, Any]:
    """The request body, when the provider would take it. `has_paused` knows the turns that may be gone on with."""
    if not isinstance(body, dict):
        raise invalid("Input should be a valid dictionary or object to extract fields from")
    for name in REQUIRED:
        if name not in body and not (counting and name == "max_tokens"):
            raise invalid(f"{name}: Field required")
    for name, value in body.items():
        _check_field(name, value, counting=counting)
    if body["model"] not in MODEL_IDS:
        raise unknown_model(body["model"])
    if not counting and not 0 <= body["max_tokens"] <= MOST_TOKENS:
        raise invalid(f"max_tokens: {body['max_tokens']} is out of range; the model allows 0 to {MOST_TOKENS}")
    _check_tools(body.get("tools") or [], body.get("tool_choice"))
    _check_output(body.get("output_config") or {})
    _check_thinking(body.get("thinking"), body.get("max_tokens", MOST_TOKENS))
    _check_stops(body.get("stop_sequences") or [])
    _check_conversation(body["messages"], has_paused)
    mode = (body.get("thinking") or {"type": "disabled"})["type"]
    thoughts.check(body["messages"], thinks=mode != "disabled", must=mode == "enabled")
    caching.check(body)
    return body


def _check_field(name: str, value: object, *, counting: bool) -> None:
    if name in SAMPLING:
        raise invalid(f"{name}: sampling parameters are not supported with this anthropic-version")
    if name not in FIELDS or (counting and name not in COUNTING):
        raise invalid(f"{name}: Extra inputs are not permitted")
    kinds = FIELDS[name]
    if value is None and name in NULLABLE:
        return
    if not isinstance(value, kinds) or (kinds is int and isinstance(value, bool)):  # type: ignore[arg-type]
        first = kinds[0] if isinstance(kinds, tuple) else kinds
        raise invalid(f"{name}: Input should be a valid {WORDS[first]}")  # type: ignore[index]


def _check_tools(tools: list[Any], choice: dict[str, Any] | None) -> None:
    names: set[str] = set()
    for index, tool in enumerate(tools):
        at = f"tools.{index}"
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str) or not tool["name"]:
            raise invalid(f"{at}.name: Field required")
        if tool["name"] in names:
            raise invalid("tools: Tool names must be unique.")
        names.add(tool["name"])
        if tool.get("type") not in (None, "custom"):
            continue
        shape = tool.get("input_schema")
        if not isinstance(shape, dict) or shape.get("type") != "object":
            raise invalid(f"{at}.custom.input_schema.type: Field required")
        if why := schema.fault_of(shape):
            raise invalid(f"{at}.custom.input_schema: JSON schema is invalid: {why}")
    if choice is not None:
        _check_choice(choice, names)


def _check_choice(choice: dict[str, Any], names: set[str]) -> None:
    if choice.get("type") not in ("auto", "any", "tool", "none"):
        raise invalid("tool_choice: Input tag should be one of 'auto', 'any', 'tool', 'none'")
    if not names:
        raise invalid("tool_choice: may only be specified while providing tools")
    if choice["type"] == "tool" and choice.get("name") not in names:
        raise invalid(f"Tool '{choice.get('name')}' not found in provided tools")


def _check_output(config: dict[str, Any]) -> None:
    if unknown := set(config) - {"effort", "format"}:
        raise invalid(f"output_config.{min(unknown)}: Extra inputs are not permitted")
    if config.get("effort") not in (None, *EFFORTS):
        raise invalid(f"output_config.effort: Input should be one of {', '.join(EFFORTS)}")
    wanted = config.get("format")
    if wanted is None:
        return
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        raise invalid("output_config.format.type: Input should be 'json_schema'")
    if not isinstance(wanted.get("schema"), dict):
        raise invalid("output_config.format.schema: Field required")
    if why := schema.fault_of(wanted["schema"]):
        raise invalid(f"output_config.format.schema: {why}")
    if schema.has_open_object(wanted["schema"]):
        raise invalid(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )


def _check_thinking(thinking: dict[str, Any] | None, max_tokens: int) -> None:
    if thinking is None:
        return
    if thinking.get("type") not in THINKING:
        raise invalid(f"thinking: Input tag should be one of {', '.join(THINKING)}")
    if thinking["type"] == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int) or budget < 1024:
            raise invalid("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
        if budget >= max_tokens:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_stops(stops: list[Any]) -> None:
    for index, stop in enumerate(stops):
        if not isinstance(stop, str) or not stop.strip():
            raise invalid(f"stop_sequences.{index}: each stop sequence must contain non-whitespace")


def _check_conversation(messages: list[Any], has_paused: Callable[[object], bool]) -> None:
    if not messages:
        raise invalid("messages: at least one message is required")
    for index, message in enumerate(messages):
        _check_message(f"messages.{index}", message)
    if messages[0]["role"] != "user":
        raise invalid('messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant" and not has_paused(messages[-1]["content"]):
        raise invalid("This model does not support assistant message prefill: end with a user message.")
    for index, message in enumerate(messages):
        following = messages[index + 1] if index + 1 < len(messages) else None
        previous = messages[index - 1] if index else None
        if message["role"] == "assistant":
            _check_calls_answered(index, message, following)
        elif message["role"] == "user":
            _check_results_asked_for(index, message, previous)


def _check_message(at: str, message: object) -> None:
    if not isinstance(message, dict):
        raise invalid(f"{at}: Input should be a valid dictionary")
    if extra := set(message) - {"role", "content"}:
        raise invalid(f"{at}.{min(extra)}: Extra inputs are not permitted")
    if message.get("role") not in ("user", "assistant", "system"):
        raise invalid(f"{at}.role: Input should be 'user', 'assistant' or 'system'")
    content = message.get("content")
    if isinstance(content, str):
        if not content.strip():
            raise invalid(f"{at}: {message['role']} messages must have non-empty content")
        return
    if not isinstance(content, list) or not content:
        raise invalid(f"{at}.content: Input should be a valid string or a non-empty list")
    for number, block in enumerate(content):
        _check_block(f"{at}.content.{number}", block)


def _check_block(at: str, block: object) -> None:
    if not isinstance(block, dict) or not isinstance(block.get("type"), str):
        raise invalid(f"{at}.type: Field required")
    if block["type"] == "text" and not (isinstance(block.get("text"), str) and block["text"].strip()):
        raise invalid("messages: text content blocks must contain non-whitespace text")
    if block["type"] in attached.SOURCES:
        attached.check(at, block)
    for inner, part in enumerate(block["content"] if isinstance(block.get("content"), list) else ()):
        _check_block(f"{at}.content.{inner}", part)
    for name in NEEDED.get(block["type"], ()):
        if name not in block:
            raise invalid(f"{at}.{block['type']}.{name}: Field required")


def _ids(message: dict[str, Any] | None, kind: str, name: str) -> list[str]:
    content = message["content"] if message else []
    return [block[name] for block in content if isinstance(block, dict) and block.get("type") == kind]


def _check_calls_answered(index: int, message: dict[str, Any], following: dict[str, Any] | None) -> None:
    answered = _ids(following, "tool_result", "tool_use_id")
    if missing := [call for call in _ids(message, "tool_use", "id") if call not in answered]:
        raise invalid(
            f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block "
            "in the next message."
        )


def _check_results_asked_for(index: int, message: dict[str, Any], previous: dict[str, Any] | None) -> None:
    asked = _ids(previous, "tool_use", "id") if previous and previous["role"] == "assistant" else []
    for result in _ids(message, "tool_result", "tool_use_id"):
        if result not in asked:
            raise invalid(
                f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {result}. Each "
                "`tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
