"""What everybody who speaks to a provider through an SDK has in common: an address, a key, one try."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from agents.errors import ProviderError
from agents.providers import transport
from agents.providers.base import ProviderAnswer, ProviderRequest
from agents.providers.seen import Seen
from agents.providers.sizes import Sizes


@dataclass(frozen=True, kw_only=True)
class Speaker(ABC):
    """One address of one maker of models, with one key."""

    name: str
    base_url: str
    key: str = field(repr=False)
    sandbox: bool
    sizes: Sizes

    @property
    def address(self) -> str:
        """Another key is another account, with limits and failures of its own."""
        return transport.address(self.base_url, self.key)

    def stream(self, request: ProviderRequest, on_text: Callable[[str], None]) -> ProviderAnswer:
        """Send one request, once; call `on_text` as words arrive. ProviderError, and nothing else, when it fails."""
        seen, failed = Seen(), None
        try:
            self._listen(request, on_text, seen)
        except Exception as error:  # noqa: BLE001  # whatever the SDK raises becomes one of ours, or is one already
            failed = self._plain(error, seen)
        if seen.stop_reason is not None:
            return seen.answer()
        # Raised out here, where no SDK error is being handled: it would travel along as our error's context.
        raise failed or seen.truncated(self._who)

    def models(self) -> frozenset[str]:
        """The names of its models; costs nothing. ProviderError when it does not say."""
        try:
            return frozenset(model.id for model in self._client().models.list())
        except Exception as error:  # noqa: BLE001  # as in a stream
            failed = self._plain(error, Seen())
        raise failed

    def received(self, request_id: UUID) -> bool | None:
        """None: no provider keeps a record that could be asked by our id. The sandbox's journal can."""
        return transport.journalled(self.base_url.removesuffix("/v1"), request_id) if self.sandbox else None

    @abstractmethod
    def _listen(self, request: ProviderRequest, on_text: Callable[[str], None], seen: Seen) -> None:
        """Send it, and take the answer in, as far as it goes; raise what breaks it."""

    @abstractmethod
    def _plain(self, error: Exception, seen: Seen) -> ProviderError:
        """An error of the SDK as one of ours."""

    @abstractmethod
    def _client(self) -> Any:
        """The SDK's client of this thread's lane."""

    @property
    @abstractmethod
    def _who(self) -> str:
        """What people call it."""
