"""Anthropic, through its own SDK: one streamed message per request, and nothing sent that we did not decide to send."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import anthropic

from agents import errors
from agents.providers import anthropic_errors, anthropic_wire, transport
from agents.providers.base import ProviderAnswer, ProviderRequest
from agents.providers.seen import Seen
from agents.providers.sizes import Sizes
from agents.providers.transport import BoundedClient, PerProcess

log = logging.getLogger(__name__)

SIZES = Sizes(image=5_000, page=12_000, window=1_000_000)
"""A picture is scaled down to at most 2,576 pixels a side and counted in squares of 28: under 4,800 tokens. A page of a
document is counted as a picture and as its words, and a page of fine print has fewer than 7,000 of those."""

_clients = PerProcess()


@dataclass(frozen=True, kw_only=True)
class Anthropic:
    """Anthropic at one address with one key."""

    name: str
    base_url: str
    key: str = field(repr=False)
    sandbox: bool
    sizes: Sizes = SIZES

    def __repr__(self) -> str:
        """Without the key."""
        return f"Anthropic({self.base_url!r})"

    @property
    def address(self) -> str:
        """Another key is another account, with limits and failures of its own."""
        return transport.address(self.base_url, self.key)

    def stream(self, request: ProviderRequest, on_text: Callable[[str], None]) -> ProviderAnswer:
        """Send one request, once; call `on_text` as words arrive. ProviderError, and nothing else, when it fails."""
        seen = Seen()
        failed = self._listen(request, on_text, seen)
        if seen.stop_reason is not None:
            return seen.answer()
        # Raised out here, where no SDK error is being handled: it would travel along as our error's context.
        raise failed or seen.truncated(self._who)

    def models(self) -> frozenset[str]:
        """The names of its models; costs nothing. ProviderError when it does not say."""
        try:
            return frozenset(model.id for model in self._client().models.list())
        except Exception as error:  # noqa: BLE001  # as in a stream
            failed = anthropic_errors.plain(error, seen=Seen(), secret=self.key, who=self._who)
        raise failed

    def received(self, request_id: UUID) -> bool | None:
        """None: Anthropic keeps no record that could be asked by our id. The sandbox's journal can."""
        return transport.journalled(self.base_url, request_id) if self.sandbox else None

    def _listen(
        self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen
    ) -> errors.ProviderError | None:
        """Take the stream in, as far as it goes; return what broke it."""
        listener = anthropic_wire.Listener(seen, on_text)
        try:
            with self._client().messages.create(**anthropic_wire.body(request)) as stream:
                seen.http_status = stream.response.status_code
                seen.provider_request_id = stream.response.headers.get("request-id")
                for event in stream:
                    listener.take(event)
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises becomes one of ours, or is one already
            return anthropic_errors.plain(error, seen=seen, secret=self.key, who=self._who)
        return None

    @property
    def _who(self) -> str:
        return "the sandbox" if self.sandbox else "Anthropic"

    def _client(self) -> anthropic.Anthropic:
        return _clients.get((self.base_url, self.key), self._new_client)

    def _new_client(self) -> anthropic.Anthropic:
        return anthropic.Anthropic(
            api_key=self.key,
            base_url=self.base_url,
            # A retry inside the SDK would be a request that no ledger knows, and may sleep for as long as it is told.
            max_retries=0,
            http_client=BoundedClient(base_url=self.base_url),
        )
