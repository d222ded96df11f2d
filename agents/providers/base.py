"""What is asked of a provider and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from agents.contracts import Trace
from agents.providers.messages import Block, Sound, ToolOffer, Turn, words
from agents.providers.sizes import Sizes
from billing.prices import Usage


@dataclass(frozen=True, kw_only=True)
class ProviderRequest:
    """One physical request. Its id travels with it, so that both journals can be compared."""

    id: UUID
    model: str
    system: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolOffer, ...] = ()
    tool_choice: str = ""
    """Empty: as the model likes. `required`: it asks for one of them. Else the name of the one that it asks for."""
    max_tokens: int
    effort: str = ""
    schema: dict[str, Any] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it is part of a conversation, whose beginning will be sent again: worth a provider's cache."""
        return bool(self.tools) or len(self.turns) > 1

    @property
    def sound(self) -> Sound | None:
        """The recording to write down, where that is what is asked."""
        return next((block for turn in self.turns for block in turn.blocks if isinstance(block, Sound)), None)


@dataclass(frozen=True, kw_only=True)
class ProviderAnswer:
    """A complete answer."""

    blocks: tuple[Block, ...]
    stop_reason: str
    stop_detail: str = ""
    """What the provider says about a refusal, in a word."""
    usage: Usage | None
    """None: the provider did not say, or said nonsense."""
    seen_input_tokens: int | None = None
    """What it said about the input when the answer began; for an estimate where `usage` is missing."""
    provider_request_id: str | None = None
    http_status: int | None = None

    @property
    def text(self) -> str:
        """Its words."""
        return words(self.blocks)

    def trace(self) -> Trace:
        """Its numbers and ids, as failed requests have them."""
        return Trace(http_status=self.http_status, provider_request_id=self.provider_request_id)


class Provider(Protocol):
    """One maker of models."""

    @property
    def name(self) -> str:
        """As in roles and in the price book."""

    @property
    def address(self) -> str:
        """Where it is, and who we are there: limits and failures are counted for it. Tells no key."""

    @property
    def sandbox(self) -> bool:
        """Whether a double answers in its place."""

    @property
    def sizes(self) -> Sizes:
        """What it counts for what is not text."""

    def stream(self, request: ProviderRequest, on_text: Callable[[str], None]) -> ProviderAnswer:
        """Send one request, once; call `on_text` as words arrive. ProviderError, and nothing else, when it fails."""

    def models(self) -> frozenset[str]:
        """The names of its models; costs nothing. ProviderError when it does not say."""

    def received(self, request_id: UUID) -> bool | None:
        """Whether this request ever arrived there; None where the provider cannot say, or does not answer."""
