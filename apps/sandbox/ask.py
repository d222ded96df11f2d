"""A valid request, read once: what was asked, of whom, in which form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.sandbox import costs
from apps.sandbox.conversation import text_of, without_script
from apps.sandbox.files import reading
from apps.sandbox.files.reading import File


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolResult:
    """What a tool that was called has answered."""

    name: str
    text: str
    is_error: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """The parts of a request that the answer depends on."""

    model: str
    max_tokens: int
    system: str
    text: str
    """The text of the last message from the user."""
    schema: dict[str, Any] | None
    tools: tuple[dict[str, Any], ...]
    tool_choice: str
    tool_name: str | None
    one_tool_at_a_time: bool
    tool_results: tuple[ToolResult, ...]
    """What came back from the calls of the last turn."""
    calls_made: int
    """How many tools were called in the whole conversation."""
    files: tuple[File, ...]
    """What came with the words since the assistant spoke last."""
    stop_sequences: tuple[str, ...]
    thinks: bool
    shows_thinking: bool
    input_tokens: int


def read(body: dict[str, Any]) -> Ask:
    """Read a body that validation has let through."""
    choice = body.get("tool_choice") or {"type": "auto"}
    thinking = body.get("thinking") or {"type": "disabled"}
    wanted = (body.get("output_config") or {}).get("format") or {}
    return Ask(
        model=body["model"],
        max_tokens=body.get("max_tokens", 0),
        system=text_of(body.get("system")),
        text=without_script(_last_words(body["messages"])),
        schema=wanted.get("schema"),
        tools=tuple(tool for tool in body.get("tools") or () if "input_schema" in tool),
        tool_choice=choice["type"],
        tool_name=choice.get("name"),
        one_tool_at_a_time=bool(choice.get("disable_parallel_tool_use")),
        tool_results=_tool_results(body["messages"]),
        calls_made=_calls_made(body["messages"]),
        files=tuple(reading.read(block) for block in _new_files(body["messages"])),
        stop_sequences=tuple(body.get("stop_sequences") or ()),
        thinks=thinking["type"] in ("adaptive", "enabled"),
        shows_thinking=thinking.get("display") != "omitted",
        input_tokens=costs.of_request(body),
    )


def _last_words(messages: list[dict[str, Any]]) -> str:
    for message in reversed(messages):
        if message.get("role") == "user" and (text := text_of(message.get("content"))).strip():
            return text
    return ""


def _tool_results(messages: list[dict[str, Any]]) -> tuple[ToolResult, ...]:
    names: dict[str, str] = {}
    for message in messages[:-1]:
        for block in message["content"] if isinstance(message["content"], list) else ():
            if block["type"] == "tool_use":
                names[block["id"]] = block["name"]
    last = messages[-1]["content"]
    return tuple(
        ToolResult(
            name=names.get(block["tool_use_id"], "tool"),
            text=text_of(block.get("content")),
            is_error=bool(block.get("is_error")),
        )
        for block in (last if isinstance(last, list) else ())
        if block["type"] == "tool_result"
    )


def _new_files(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    spoke = max((number for number, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    return [file for message in messages[spoke + 1 :] for file in _files(message["content"])]


def _files(content: object) -> Iterator[dict[str, Any]]:
    for block in content if isinstance(content, list) else ():
        if block["type"] == "tool_result":
            yield from _files(block.get("content"))
        elif block["type"] in costs.FILES:
            yield block


def _calls_made(messages: list[dict[str, Any]]) -> int:
    contents = [message["content"] for message in messages if isinstance(message["content"], list)]
    return sum(block["type"] == "tool_use" for content in contents for block in content)
