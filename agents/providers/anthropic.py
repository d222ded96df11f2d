"""Anthropic, through its own SDK: one streamed message per request, and nothing sent that we did not decide to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import anthropic

from agents.errors import ProviderError
from agents.providers import anthropic_errors, anthropic_wire
from agents.providers.base import ProviderRequest
from agents.providers.seen import Seen
from agents.providers.sizes import Sizes
from agents.providers.speaker import Speaker
from agents.providers.transport import BoundedClient, PerProcess

SIZES = Sizes(image=5_000, page=12_000, window=1_000_000)
"""A picture is scaled down to at most 2,576 pixels a side and counted in squares of 28: under 4,800 tokens. A page of a
document is counted as a picture and as its words, and a page of fine print has fewer than 7,000 of those."""

_clients = PerProcess()


@dataclass(frozen=True, kw_only=True)
class Anthropic(Speaker):
    """Anthropic at one address with one key."""

    sizes: Sizes = SIZES

    def _listen(self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen) -> None:
        listener = anthropic_wire.Listener(seen, on_text)
        with self._client().messages.create(**anthropic_wire.body(request)) as stream:
            seen.http_status = stream.response.status_code
            seen.provider_request_id = stream.response.headers.get("request-id")
            for event in stream:
                listener.take(event)

    def _plain(self, error: Exception, seen: Seen) -> ProviderError:
        return anthropic_errors.plain(error, seen=seen, secret=self.key, who=self._who)

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
