"""What a stream has told so far, whoever sends it: how it stands, what it said, which tokens are reported."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from agents.contracts import Fate, Trace
from agents.errors import StreamTruncated
from agents.providers.base import ProviderAnswer
from agents.providers.messages import Block, Text, Thinking, ToolUse
from billing.prices import Usage

CUT = ("max_tokens", "model_context_window_exceeded")
"""Reasons to stop that leave the last block unfinished."""


@dataclass(kw_only=True)
class Part:
    """One block, as far as it has arrived."""

    kind: Literal["text", "thinking", "tool_use"]
    text: str = ""
    """Words, thoughts, or the JSON of a tool's input."""
    signature: str = ""
    redacted: str = ""
    maker: str = ""
    id: str = ""
    name: str = ""

    def block(self, *, cut: bool) -> Block:
        """The block that this has become. A tool's input that is cut off is no input, even if it happens to parse."""
        match self.kind:
            case "text":
                return Text(text=self.text)
            case "thinking":
                return Thinking(text=self.text, signature=self.signature, redacted=self.redacted, maker=self.maker)
            case "tool_use":
                given = None if cut else _object(self.text)
                wrong = "" if given is not None else self.text or "(nothing)"
                return ToolUse(id=self.id, name=self.name, input=given or {}, malformed=wrong)


@dataclass(kw_only=True)
class Seen:
    """What had arrived when the answer was complete, or broke."""

    http_status: int | None = None
    provider_request_id: str | None = None
    begun: bool = False
    """Whether the provider has started to answer."""
    stop_reason: str | None = None
    """Why the answer ended: the only sign that it did."""
    stop_detail: str = ""
    usage: Usage | None = None
    """What the provider has reported so far; None when it did not, or when a count is not a count."""
    totals: bool = False
    """Whether the final counts have come."""
    parts: list[Part] = field(default_factory=list)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What was said, empty words left out: no provider takes them back."""
        last = self.parts[-1] if self.parts else None
        made = [part.block(cut=part is last and self.stop_reason in CUT) for part in self.parts]
        return tuple(block for block in made if not (isinstance(block, Text) and not block.text))

    def truncated(self, who: str) -> StreamTruncated:
        """The error of an answer that ended without its end."""
        trace = Trace(
            fate=Fate.UNKNOWN,
            http_status=self.http_status,
            provider_request_id=self.provider_request_id,
            usage=self.usage,
        )
        return StreamTruncated(f"The answer of {who} ended without its end", trace=trace)

    def answer(self) -> ProviderAnswer:
        """The complete answer."""
        return ProviderAnswer(
            blocks=self.blocks,
            stop_reason=str(self.stop_reason),
            stop_detail=self.stop_detail,
            # A last event without counts: then what is known of its tokens is from its beginning.
            usage=self.usage if self.totals else None,
            seen_input_tokens=self.usage.prompt_tokens if self.usage else None,
            provider_request_id=self.provider_request_id,
            http_status=self.http_status,
        )


def is_count(value: object) -> bool:
    """Whether a provider's number is one: whole, not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _object(text: str) -> dict[str, object] | None:
    """The JSON object that `text` is; nothing at all is the empty one, as for a tool without arguments."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
