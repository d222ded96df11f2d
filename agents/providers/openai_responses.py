"""The Responses API: what is sent, and what its events mean.

Nothing is kept there (`store` is off): the whole conversation goes along each time, with thoughts under their seal.
The last event carries the whole answer; the ones before it are for those who watch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from agents.providers import openai_parts
from agents.providers.base import ProviderRequest
from agents.providers.messages import Block, Text, Thinking, ToolResult, ToolUse, Turn
from agents.providers.openai_errors import ErrorEvent
from agents.providers.openai_parts import counted
from agents.providers.seen import Part, Seen

MAKER = "openai"
SEALED = "reasoning.encrypted_content"
INCOMPLETE = {"max_output_tokens": "max_tokens", "content_filter": "refusal"}


def body(request: ProviderRequest) -> dict[str, Any]:
    """The SDK's arguments."""
    sent: dict[str, Any] = {
        "model": request.model,
        "max_output_tokens": request.max_tokens,
        "input": [item for turn in request.turns for item in _items(turn)],
        "stream": True,
        "store": False,
        "extra_headers": {"X-Nexus-Request-Id": str(request.id)},
    }
    if request.system:
        sent["instructions"] = request.system
    if request.effort:
        sent |= {"reasoning": {"effort": request.effort}, "include": [SEALED]}
    if request.tools:
        sent["tools"] = [{"type": "function"} | openai_parts.function(tool) for tool in request.tools]
    if request.tool_choice:
        sent["tool_choice"] = openai_parts.choice(request.tool_choice, nested=False)
    if request.schema is not None:
        sent["text"] = {"format": {"type": "json_schema"} | openai_parts.shape(request.schema)}
    return sent


class Listener:
    """Takes in the events of one answer."""

    def __init__(self, seen: Seen, on_text: Callable[[str], None]) -> None:
        """Nothing heard yet."""
        self._seen = seen
        self._on_text = on_text

    def take(self, event: Any) -> None:
        """Understand one event; what is not known is passed over. Raise ErrorEvent for one that is an error."""
        match event.type:
            case "response.output_item.added":
                self._seen.begun = True
            case "response.output_text.delta" | "response.refusal.delta":
                self._seen.begun = True
                self._on_text(event.delta)
            case "response.completed" | "response.incomplete":
                self._end(event.response)
            case "response.failed":
                self._count(event.response)
                error = getattr(event.response, "error", None)
                raise ErrorEvent(
                    code=str(getattr(error, "code", None) or "failed"), message=str(getattr(error, "message", ""))
                )
            case "error":
                raise ErrorEvent(code=str(event.code or "error"), message=str(event.message))
            case _:
                pass

    def _end(self, response: Any) -> None:
        self._count(response)
        self._seen.totals = self._seen.usage is not None
        refused = False
        for item in getattr(response, "output", None) or []:
            match item.type:
                case "message":
                    refused |= self._speak(item)
                case "function_call":
                    part = Part(kind="tool_use", id=item.call_id, name=item.name, text=item.arguments or "")
                    self._seen.parts.append(part)
                case "reasoning":
                    self._seen.parts.append(_thought(item))
                case _:
                    pass
        self._seen.stop_reason = "refusal" if refused else self._why(response)

    def _speak(self, message: Any) -> bool:
        """Take in a message; return whether it is a refusal."""
        refused = False
        for content in message.content or []:
            refused |= content.type == "refusal"
            text = content.refusal if content.type == "refusal" else getattr(content, "text", "")
            self._seen.parts.append(Part(kind="text", text=text or ""))
        return refused

    def _why(self, response: Any) -> str:
        if response.status == "incomplete":
            reason = getattr(getattr(response, "incomplete_details", None), "reason", None)
            return INCOMPLETE.get(str(reason), str(reason))
        asks = any(part.kind == "tool_use" for part in self._seen.parts)
        return "tool_use" if asks else "end_turn"

    def _count(self, response: Any) -> None:
        usage = getattr(response, "usage", None)
        if usage is not None:
            self._seen.usage = counted(usage, of_prompt="input_tokens", of_output="output_tokens")


def _thought(item: Any) -> Part:
    sealed = getattr(item, "encrypted_content", None) or ""
    shown = [getattr(one, "text", "") for one in getattr(item, "summary", None) or []]
    text = "\n\n".join(shown)
    kept = {"id": item.id, "summary": shown, "encrypted_content": sealed}
    return Part(kind="thinking", text=text, redacted=json.dumps(kept, ensure_ascii=False), maker=MAKER)


def _items(turn: Turn) -> Iterator[dict[str, Any]]:
    if turn.speaker == "assistant":
        for block in turn.blocks:
            yield from _spoken(block)
        return
    for block in turn.blocks:
        if isinstance(block, ToolResult):
            yield {"type": "function_call_output", "call_id": block.id, "output": openai_parts.result(block)}
    others = [block for block in turn.blocks if not isinstance(block, ToolResult)]
    if others:
        yield {"role": "user", "content": [openai_parts.responses_part(block) for block in others]}


def _spoken(block: Block) -> Iterator[dict[str, Any]]:
    match block:
        case Text():
            yield {"role": "assistant", "content": block.text}
        case ToolUse():
            given = json.dumps(block.input, ensure_ascii=False)
            yield {"type": "function_call", "call_id": block.id, "name": block.name, "arguments": given}
        case Thinking(maker="openai") if block.redacted:
            yield from _sealed(json.loads(block.redacted))
        case _:
            pass


def _sealed(kept: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if kept["encrypted_content"]:
        summary = [{"type": "summary_text", "text": text} for text in kept["summary"]]
        yield {
            "type": "reasoning",
            "id": kept["id"],
            "summary": summary,
            "encrypted_content": kept["encrypted_content"],
        }
