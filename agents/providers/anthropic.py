"""Anthropic, through its own SDK: one streamed message per request, and nothing sent that we did not decide to send."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import anthropic
import httpx2
from django.conf import settings

from agents import errors
from agents.contracts import Fate, Trace
from agents.errors import MissingKey
from agents.providers import anthropic_errors
from agents.providers.base import ProviderAnswer, ProviderRequest
from agents.providers.transport import BoundedClient, PerProcess
from agents.providers.usage import Seen

log = logging.getLogger(__name__)

NAME = "anthropic"
PUBLIC = "https://api.anthropic.com"
ANY_KEY = "no-key-is-needed-here"
"""The sandbox looks at a key for being there."""
KEY_AGAIN_AFTER = 30.0
"""Seconds until a task without a key looks again."""

_clients = PerProcess()


def connect() -> Anthropic:
    """The sandbox where it is named, else the provider itself; MissingKey when there is no key for that."""
    if settings.NEXUS_SANDBOX_URL:
        return Anthropic(base_url=settings.NEXUS_SANDBOX_URL, key=ANY_KEY, sandbox=True)
    if not settings.ANTHROPIC_API_KEY:
        raise MissingKey(retry_after=KEY_AGAIN_AFTER, variable="ANTHROPIC_API_KEY")
    return Anthropic(base_url=settings.ANTHROPIC_BASE_URL or PUBLIC, key=settings.ANTHROPIC_API_KEY, sandbox=False)


@dataclass(frozen=True, kw_only=True)
class Anthropic:
    """Anthropic at one address with one key."""

    base_url: str
    key: str
    sandbox: bool
    name: str = NAME

    def __repr__(self) -> str:
        """Without the key."""
        return f"Anthropic({self.base_url!r})"

    def stream(self, request: ProviderRequest, on_text: Callable[[str], None]) -> ProviderAnswer:
        """Send one request, once; call `on_text` as words arrive. ProviderError, and nothing else, when it fails."""
        seen = Seen()
        failed = self._listen(request, on_text, seen)
        if failed is not None and seen.stop_reason is None:
            # Raised out here, where no SDK error is being handled: it would travel along as our error's context.
            raise failed
        if seen.stop_reason is None:
            trace = Trace(
                fate=Fate.UNKNOWN,
                http_status=seen.http_status,
                provider_request_id=seen.provider_request_id,
                usage=seen.usage,
            )
            raise errors.StreamTruncated(f"The answer of {self._who} ended without its end", trace=trace)
        return _answer(seen)

    def received(self, request_id: UUID) -> bool | None:
        """None: Anthropic keeps no record that could be asked by our id. The sandbox's journal can."""
        if not self.sandbox:
            return None
        try:
            with BoundedClient(base_url=self.base_url) as client:
                found = client.get(f"{self.base_url}/journal", params={"request_id": str(request_id)})
                return bool(found.json()) if found.status_code == HTTPStatus.OK else None
        except (httpx2.HTTPError, ValueError):
            return None

    def _listen(
        self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen
    ) -> errors.ProviderError | None:
        """Take the stream in, as far as it goes; return what broke it."""
        try:
            with self._client().messages.stream(**_body(request)) as stream:
                seen.http_status = stream.response.status_code
                seen.provider_request_id = stream.request_id
                for event in stream:
                    if event.type == "message_start":
                        seen.message = stream.current_message_snapshot
                    elif event.type == "text":
                        on_text(event.text)
                    elif event.type == "message_delta":
                        seen.totals = True
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


def _answer(seen: Seen) -> ProviderAnswer:
    usage = seen.usage
    return ProviderAnswer(
        text=seen.text,
        stop_reason=str(seen.stop_reason),
        # The SDK stumbles over a last event without usage, after it has taken in why the answer ended: then the answer
        # is whole, and what is known of its tokens is from its beginning.
        usage=usage if seen.totals else None,
        seen_input_tokens=usage.prompt_tokens if usage else None,
        provider_request_id=seen.provider_request_id,
        http_status=seen.http_status,
    )


def _body(request: ProviderRequest) -> dict[str, Any]:
    """The SDK's arguments. `thinking` is left to the model; it counts as output and is bounded by `max_tokens`."""
    config: dict[str, Any] = {"effort": request.effort} if request.effort else {}
    if request.schema is not None:
        config["format"] = {"type": "json_schema", "schema": anthropic.transform_schema(request.schema)}
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": [{"role": "user", "content": request.prompt}],
        "extra_headers": {"X-Nexus-Request-Id": str(request.id)},
    }
    if request.system:
        body["system"] = request.system
    return body | ({"output_config": config} if config else {})
