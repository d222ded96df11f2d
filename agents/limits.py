"""How much of one model may be asked at a time, for all workers together; and who is left alone for a while.

A slot is taken before a request leaves and given back after it. Redis keeps the slots, each with an end, so that the
slot of a worker that died comes back by itself. None of it is a promise: with Redis away or emptied, requests go on,
and each process keeps to the limits for itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from uuid import UUID

from django.conf import settings

from agents import turnstile
from agents.errors import (
    KeyRefused,
    ModelBusy,
    ModelResting,
    ProviderError,
    ProviderOverloaded,
    ProviderUnavailable,
    RateLimited,
    SpendingRefused,
)
from agents.turnstile import Place
from billing.prices import specificity

log = logging.getLogger(__name__)

SLOT_FOR = 330.0
"""Seconds: a request may take 300. After that the slot is nobody's."""
COUNTS = (ProviderUnavailable, ProviderOverloaded, RateLimited, KeyRefused, SpendingRefused)
"""Failures that say something about the provider, and not about the request."""
WHY = {
    "busy": "is asked by as many at a time as may",
    "requests": "has had its requests of this minute",
    "tokens": "has had its tokens of this minute",
    "resting": "has failed several times and is left alone",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What may be asked of one model; 0 is no limit."""

    concurrent: int = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0


@dataclass(kw_only=True)
class Slot:
    """The right to one request. What becomes of the request is said before it is given back."""

    place: Place
    request_id: UUID
    verdict: turnstile.Verdict = "neither"
    rest: float = field(default=0.0)

    def worked(self) -> None:
        """The provider answered."""
        self.verdict = "worked"

    def failed(self, error: ProviderError) -> None:
        """The provider did not; a wait that it asks for is kept to by everybody."""
        if isinstance(error, COUNTS) or error.disposition == "retry":
            self.verdict = "failed"
            self.rest = error.retry_after or 0.0


@contextmanager
def slot(*, address: str, provider: str, model: str, request_id: UUID, tokens: int) -> Iterator[Slot]:
    """A slot for the block. ModelBusy or ModelResting, with how long to wait, when there is none."""
    place = Place(address=address, model=model)
    held = of(provider, model, settings.NEXUS_MODEL_LIMITS)
    why, wait = turnstile.take(
        place, request_id, lease=SLOT_FOR, tokens=tokens,
        concurrent=held.concurrent, requests=held.requests_per_minute, per_minute=held.tokens_per_minute,
    )  # fmt: skip
    if why != "ok":
        kind = ModelResting if why == "resting" else ModelBusy
        raise kind(
            f"{model} of {provider} {WHY[why]}; it is tried again in {max(wait, 0.1):.0f} s",
            retry_after=max(wait, 0.25),
            provider=provider,
            model=model,
        )
    taken = Slot(place=place, request_id=request_id)
    try:
        yield taken
    finally:
        turnstile.give(place, request_id, taken.verdict, rest=taken.rest)


def of(provider: str, model: str, listed: Mapping[str, Mapping[str, int]]) -> Limits:
    """The limits of this model: of its name, else of the glob that says most, as `provider/model`. Pure."""
    fitting = [name for name in listed if fnmatchcase(f"{provider}/{model}", name)]
    return Limits(**listed[max(fitting, key=specificity)]) if fitting else Limits()
