"""OpenAI, and whoever speaks like it, through the openai SDK: one streamed answer per request, and no detours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal
from uuid import UUID

import openai

from agents import errors
from agents.providers import openai_chat, openai_errors, openai_responses, openai_sound, transport
from agents.providers.base import ProviderAnswer, ProviderRequest
from agents.providers.seen import Seen
from agents.providers.sizes import Sizes
from agents.providers.transport import BoundedClient, PerProcess

Wire = Literal["responses", "chat"]
SIZES = Sizes(image=50_000, page=60_000, window=1_100_000, caches_by_itself=True)
"""The smallest vision models count a picture dearest: 48,169 tokens for the largest. Others take far fewer."""

_clients = PerProcess()


@dataclass(frozen=True, kw_only=True)
class OpenAI:
    """One address that speaks OpenAI's formats, with one key."""

    name: str
    base_url: str
    key: str = field(repr=False)
    wire: Wire
    sandbox: bool
    variable: str = "OPENAI_API_KEY"
    sizes: Sizes = SIZES

    def __repr__(self) -> str:
        """Without the key."""
        return f"OpenAI({self.name!r}, {self.base_url!r})"

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
            failed = openai_errors.plain(error, seen=Seen(), secret=self.key, who=self._who, variable=self.variable)
        raise failed

    def received(self, request_id: UUID) -> bool | None:
        """None: it keeps no record that could be asked by our id. The sandbox's journal can."""
        return transport.journalled(self.base_url.removesuffix("/v1"), request_id) if self.sandbox else None

    def _listen(
        self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen
    ) -> errors.ProviderError | None:
        """Take the stream in, as far as it goes; return what broke it."""
        if request.sound is not None:
            return self._write_down(request, on_text, seen)
        wire: ModuleType = openai_responses if self.wire == "responses" else openai_chat
        listener = wire.Listener(seen, on_text)
        try:
            with self._ask(wire.body(request)) as stream:
                seen.http_status = stream.response.status_code
                seen.provider_request_id = stream.response.headers.get("x-request-id")
                for event in stream:
                    listener.take(event)
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises becomes one of ours, or is one already
            return openai_errors.plain(error, seen=seen, secret=self.key, who=self._who, variable=self.variable)
        return None

    def _write_down(
        self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen
    ) -> errors.ProviderError | None:
        """What is said in a recording. It comes in one piece, whichever format the provider otherwise speaks."""
        try:
            answer = self._client().audio.transcriptions.with_raw_response.create(**openai_sound.body(request))
            seen.http_status = answer.status_code
            seen.provider_request_id = answer.headers.get("x-request-id")
            openai_sound.take(answer.parse(), seen)
        except Exception as error:  # noqa: BLE001  # as above
            return openai_errors.plain(error, seen=seen, secret=self.key, who=self._who, variable=self.variable)
        on_text(seen.parts[0].text)
        return None

    def _ask(self, body: dict[str, Any]) -> Any:
        client = self._client()
        return client.responses.create(**body) if self.wire == "responses" else client.chat.completions.create(**body)

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
