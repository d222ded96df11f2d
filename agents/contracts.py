"""What crosses the doors of this package. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from billing import money
from billing.prices import Usage

if TYPE_CHECKING:
    from agents.providers.messages import Block, ToolUse


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model answered. Tokens and cost are those of every request it took, repairs included."""

    text: str
    """Its words."""
    blocks: tuple[Block, ...]
    """All that was said, in order: words, thoughts, tools that are asked for."""
    data: dict[str, Any] | list[Any] | None
    """The parsed answer, when a schema was given."""
    model: str
    role: str
    provider: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    replayed: bool
    """Nothing was bought: this is the stored answer of an earlier attempt."""
    sandbox: bool
    stop_reason: str
    """end_turn, tool_use, max_tokens, stop_sequence, model_context_window_exceeded, or a provider's own."""

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        """The tools that are asked for; each needs its ToolResult in the next turn."""
        return tuple(block for block in self.blocks if block.kind == "tool_use")


@dataclass(frozen=True, kw_only=True)
class CallSummary:
    """Who worked on a task, with which model, and what it took."""

    role: str
    model: str
    provider: str
    sandbox: bool
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = money.ZERO


class Fate(StrEnum):
    """What became of a request that brought no answer, as far as money is concerned."""

    NOT_SENT = "not_sent"
    """Nothing left this machine: no ledger line."""
    REFUSED = "refused"
    """The provider answered with an error and bills nothing: a line of 0."""
    UNKNOWN = "unknown"
    """It may have been billed: an estimated line."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What is known of a request that failed. Numbers and ids only: safe to log, safe to store."""

    fate: Fate = Fate.UNKNOWN
    http_status: int | None = None
    provider_request_id: str | None = None
    usage: Usage | None = None
    """What the provider had reported until then."""
