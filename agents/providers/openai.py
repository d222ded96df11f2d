"""OpenAI, and whoever speaks like it, through the openai SDK: one streamed answer per request, and no detours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import openai

from agents.errors import ProviderError
from agents.providers import openai_chat, openai_errors, openai_responses, openai_sound
from agents.providers.base import ProviderRequest
from agents.providers.seen import Seen
from agents.providers.sizes import Sizes
from agents.providers.speaker import Speaker
from agents.providers.transport import BoundedClient, PerProcess

Wire = Literal["responses", "chat"]
SIZES = Sizes(image=50_000, page=60_000, window=1_100_000, caches_by_itself=True)
"""The smallest vision models count a picture dearest: 48,169 tokens for the largest. Others take far fewer."""

_clients = PerProcess()


@dataclass(frozen=True, kw_only=True)
class OpenAI(Speaker):
    """One address that speaks OpenAI's formats, with one key."""

    wire: Wire
    variable: str = "OPENAI_API_KEY"
    sizes: Sizes = SIZES

    def _listen(self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen) -> None:
        if request.sound is not None:
            self._write_down(request, on_text, seen)
            return
        wire: ModuleType = openai_responses if self.wire == "responses" else openai_chat
        listener = wire.Listener(seen, on_text)
        with self._ask(wire.body(request)) as stream:
            seen.http_status = stream.response.status_code
            seen.provider_request_id = stream.response.headers.get("x-request-id")
            for event in stream:
                listener.take(event)

    def _write_down(self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen) -> None:
        """What is said in a recording. It comes in one piece, whichever format the provider otherwise speaks."""
        answer = self._client().audio.transcriptions.with_raw_response.create(**openai_sound.body(request))
        seen.http_status = answer.status_code
        seen.provider_request_id = answer.headers.get("x-request-id")
        openai_sound.take(answer.parse(), seen)
        on_text(seen.parts[0].text)

    def _ask(self, body: dict[str, Any]) -> Any:
        client = self._client()
        return client.responses.create(**body) if self.wire == "responses" else client.chat.completions.create(**body)

    def _plain(self, error: Exception, seen: Seen) -> ProviderError:
        return openai_errors.plain(error, seen=seen, secret=self.key, who=self._who, variable=self.variable)

    @property
    def _who(self) -> str:
        return "the sandbox" if self.sandbox else "OpenAI" if self.name == "openai" else self.name

    def _client(self) -> openai.OpenAI:
        return _clients.get((self.base_url, self.key), self._new_client)

    def _new_client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self.key,
            base_url=self.base_url,
            # A retry inside the SDK would be a request that no ledger knows.
            max_retries=0,
            http_client=BoundedClient(base_url=self.base_url),
        )
