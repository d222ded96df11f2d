"""Chat Completions: what is sent, and what its chunks mean. Spoken by OpenAI and by nearly every server of one's own.

Those differ: a `finish_reason` that is empty, no usage, another id in every chunk, the arguments of a tool as an object
in place of its text. All of that is understood, and nothing is trusted to be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from agents.providers import openai_parts
from agents.providers.base import ProviderRequest
from agents.providers.messages import Text, ToolResult, ToolUse, Turn, words
from agents.providers.openai_parts import counted
from agents.providers.seen import Part, Seen

ENDS = {
    "": "end_turn",
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
REASONS = re.compile(r"^(?:gpt-[5-9]|o\d)")
"""Models of OpenAI that think, and whose limit has another name. Servers of one's own know the older name only."""


def body(request: ProviderRequest) -> dict[str, Any]:
    """The SDK's arguments."""
    limit = "max_completion_tokens" if REASONS.match(request.model) else "max_tokens"
    sent: dict[str, Any] = {
        "model": request.model,
        limit: request.max_tokens,
        "messages": [*_system(request.system), *_messages(request.turns)],
        "stream": True,
        "stream_options": {"include_usage": True},
        "extra_headers": {"X-Nexus-Request-Id": str(request.id)},
    }
    if request.effort:
        sent["reasoning_effort"] = request.effort
    if request.tools:
        sent["tools"] = [{"type": "function", "function": openai_parts.function(tool)} for tool in request.tools]
    if request.tool_choice:
        sent["tool_choice"] = openai_parts.choice(request.tool_choice, nested=True)
    if request.schema is not None:
        sent["response_format"] = {"type": "json_schema", "json_schema": openai_parts.shape(request.schema)}
    return sent


class Listener:
    """Takes in the chunks of one answer."""

    def __init__(self, seen: Seen, on_text: Callable[[str], None]) -> None:
        """Nothing heard yet."""
        self._seen = seen
        self._on_text = on_text
        self._calls: dict[object, Part] = {}
        self._refused = ""

    def take(self, chunk: Any) -> None:
        """Understand one chunk."""
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self._seen.usage = counted(usage, of_prompt="prompt_tokens", of_output="completion_tokens")
            self._seen.totals = True
        for choice in (getattr(chunk, "choices", None) or [])[:1]:
            self._choose(choice)

    def _choose(self, choice: Any) -> None:
        delta = getattr(choice, "delta", None)
        if text := getattr(delta, "content", None):
            self._say(text)
        if refusal := getattr(delta, "refusal", None):
            self._refused += refusal
            self._say(refusal)
        for call in getattr(delta, "tool_calls", None) or []:
            self._call(call)
        finish = getattr(choice, "finish_reason", None)
        if finish is not None:
            self._seen.stop_reason = self._end(finish)

    def _end(self, finish: str) -> str:
        if self._refused:
            return "refusal"
        ended = ENDS.get(finish, finish)
        # Some servers ask for tools and say that they have simply stopped.
        return "tool_use" if self._calls and ended == "end_turn" else ended

    def _say(self, text: str) -> None:
        self._seen.begun = True
        if not self._seen.parts or self._seen.parts[-1].kind != "text":
            self._seen.parts.append(Part(kind="text"))
        self._seen.parts[-1].text += text
        self._on_text(text)

    def _call(self, call: Any) -> None:
        self._seen.begun = True
        # By index; a server that gives none gives an id, and a whole call at a time.
        place = call.index if getattr(call, "index", None) is not None else call.id
        if place not in self._calls:
            self._calls[place] = Part(kind="tool_use", id=call.id or f"call_{len(self._calls)}")
            self._seen.parts.append(self._calls[place])
        part, function = self._calls[place], getattr(call, "function", None)
        part.name = part.name or getattr(function, "name", None) or ""
        given = getattr(function, "arguments", None)
        part.text += given if isinstance(given, str) else json.dumps(given) if given is not None else ""


def _system(system: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": system}] if system else []


def _messages(turns: tuple[Turn, ...]) -> Iterator[dict[str, Any]]:
    for turn in turns:
        yield from _spoken(turn) if turn.speaker == "assistant" else _asked(turn)


def _spoken(turn: Turn) -> Iterator[dict[str, Any]]:
    """What the model said; thoughts are not taken back on this wire."""
    text = words(turn.blocks)
    calls = [_called(block) for block in turn.blocks if isinstance(block, ToolUse)]
    if text or calls:
        yield {"role": "assistant", "content": text or None} | ({"tool_calls": calls} if calls else {})


def _called(use: ToolUse) -> dict[str, Any]:
    function = {"name": use.name, "arguments": json.dumps(use.input, ensure_ascii=False)}
    return {"id": use.id, "type": "function", "function": function}


def _asked(turn: Turn) -> Iterator[dict[str, Any]]:
    for block in turn.blocks:
        if isinstance(block, ToolResult):
            yield {"role": "tool", "tool_call_id": block.id, "content": openai_parts.result(block)}
    others = [block for block in turn.blocks if not isinstance(block, ToolResult)]
    if others and all(isinstance(block, Text) for block in others):
        # As one text: not every server takes a list.
        yield {"role": "user", "content": words(others)}
    elif others:
        yield {"role": "user", "content": [openai_parts.chat_part(block) for block in others]}
