"""The Messages API: what is sent, and what its events mean. Reads events as they come, and trusts no field to be there.

The SDK's own accumulation is not used: it stops at the first input of a tool that is no JSON, with the bill unread.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import anthropic

from agents.providers.base import ProviderRequest
from agents.providers.messages import (
    Block,
    Document,
    Image,
    Sound,
    Text,
    Thinking,
    ToolOffer,
    ToolResult,
    ToolUse,
    Turn,
)
from agents.providers.seen import Part, Seen, is_count
from billing.prices import Usage

MAKER = "anthropic"
COUNTS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
CACHED = {"cache_control": {"type": "ephemeral"}}
"""For five minutes: every turn of a loop renews it."""
STABLE_TURNS = 2
"""Cache marks in a conversation: on the last turn of ours, for the next request, and on the one before it, where the
last request left its own. Four are allowed, and one is on the system prompt."""


def body(request: ProviderRequest) -> dict[str, Any]:
    """The SDK's arguments. Where no effort is set, thinking is left to the model; it counts as output."""
    config: dict[str, Any] = {"effort": request.effort} if request.effort else {}
    if request.schema is not None:
        config["format"] = {"type": "json_schema", "schema": anthropic.transform_schema(request.schema)}
    sent: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": _messages(request),
        "stream": True,
        "extra_headers": {"X-Nexus-Request-Id": str(request.id)},
    }
    if request.system:
        sent["system"] = [{"type": "text", "text": request.system} | CACHED] if request.goes_on else request.system
    if request.tools:
        sent["tools"] = [_offered(tool) for tool in request.tools]
    if request.tool_choice:
        sent["tool_choice"] = _choice(request.tool_choice)
    return sent | ({"output_config": config} if config else {})


class Listener:
    """Takes in the events of one answer."""

    def __init__(self, seen: Seen, on_text: Callable[[str], None]) -> None:
        """Nothing heard yet."""
        self._seen = seen
        self._on_text = on_text
        self._counts: dict[str, Any] = {}
        self._hour: object = 0
        self._open: dict[object, Part] = {}

    def take(self, event: Any) -> None:
        """Understand one event; what is not known is passed over."""
        match event.type:
            case "message_start":
                self._seen.begun = True
                self._count(getattr(event.message, "usage", None))
            case "content_block_start":
                self._begin(event.index, event.content_block)
            case "content_block_delta":
                self._add(event.index, event.delta)
            case "message_delta":
                self._end(event)
            case _:
                pass

    def _begin(self, index: object, block: Any) -> None:
        match block.type:
            case "text":
                part = Part(kind="text", text=block.text or "")
            case "thinking":
                part = Part(kind="thinking", text=block.thinking or "", signature=block.signature or "", maker=MAKER)
            case "redacted_thinking":
                part = Part(kind="thinking", redacted=block.data, maker=MAKER)
            case "tool_use":
                part = Part(kind="tool_use", id=block.id, name=block.name)
            case _:
                return
        self._open[index] = part
        self._seen.parts.append(part)
        if part.kind == "text" and part.text:
            self._on_text(part.text)

    def _add(self, index: object, delta: Any) -> None:
        part = self._open.get(index)
        if part is None:
            return
        match delta.type:
            case "text_delta":
                part.text += delta.text
                self._on_text(delta.text)
            case "thinking_delta":
                part.text += delta.thinking
            case "signature_delta":
                part.signature = delta.signature
            case "input_json_delta":
                part.text += delta.partial_json
            case _:
                pass

    def _end(self, event: Any) -> None:
        self._seen.stop_reason = event.delta.stop_reason or self._seen.stop_reason
        details = getattr(event.delta, "stop_details", None)
        self._seen.stop_detail = str(getattr(details, "category", None) or "")
        usage = getattr(event, "usage", None)
        if usage is not None:
            self._count(usage)
            self._seen.totals = True

    def _count(self, reported: object) -> None:
        """Take in counts, each of which replaces the one before; the sum is believed only when all are counts."""
        said = {name: getattr(reported, name, None) for name in COUNTS}
        self._counts |= {name: value for name, value in said.items() if value is not None}
        hour = getattr(getattr(reported, "cache_creation", None), "ephemeral_1h_input_tokens", None)
        self._hour = self._hour if hour is None else hour
        self._seen.usage = self._usage()

    def _usage(self) -> Usage | None:
        fresh, output = self._counts.get("input_tokens"), self._counts.get("output_tokens")
        written, read = (self._counts.get(name, 0) for name in COUNTS[2:])
        if not all(is_count(value) for value in (fresh, output, written, read)):
            return None
        # The dearer part of what was written to a cache. The sum of both is the count that grows with the stream.
        hour = min(self._hour, written) if isinstance(self._hour, int) and self._hour > 0 else 0
        return Usage(
            input_tokens=int(fresh or 0),
            output_tokens=int(output or 0),
            cache_write_5m=written - hour,
            cache_write_1h=hour,
            cache_read=read,
        )


def _choice(wanted: str) -> dict[str, str]:
    return {"type": "any"} if wanted == "required" else {"type": "tool", "name": wanted}


def _messages(request: ProviderRequest) -> list[dict[str, Any]]:
    # A turn of nothing but another maker's thoughts is none here.
    sent = [message for message in map(_message, request.turns) if message["content"]]
    if request.goes_on:
        ours = [message for message in sent if message["role"] == "user"]
        for message in ours[-STABLE_TURNS:]:
            message["content"][-1] |= CACHED
    return sent


def _message(turn: Turn) -> dict[str, Any]:
    return {"role": turn.speaker, "content": [_block(block) for block in turn.blocks if not _is_foreign(block)]}


def _is_foreign(block: Block) -> bool:
    """Whether these are another maker's thoughts: their seal would be refused."""
    return isinstance(block, Thinking) and block.maker not in ("", MAKER)


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"type": "text", "text": block.text}
        case Thinking(redacted=""):
            return {"type": "thinking", "thinking": block.text, "signature": block.signature}
        case Thinking():
            return {"type": "redacted_thinking", "data": block.redacted}
        case ToolUse():
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}
        case ToolResult():
            return {
                "type": "tool_result",
                "tool_use_id": block.id,
                # An empty answer is an answer, but no provider takes an empty block.
                "content": block.text or "(nothing)",
                "is_error": block.is_error,
            }
        case Image():
            source = {"type": "base64", "media_type": block.media_type, "data": block.data}
            return {"type": "image", "source": source}
        case Document():
            return {"type": "document", "source": _source(block), "title": block.name}
        case Sound():
            raise TypeError("these models do not listen")


def _source(document: Document) -> dict[str, Any]:
    if document.media_type == "application/pdf":
        return {"type": "base64", "media_type": document.media_type, "data": document.data}
    text = base64.b64decode(document.data).decode("utf-8", "replace")
    return {"type": "text", "media_type": "text/plain", "data": text}


def _offered(tool: ToolOffer) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.schema}
