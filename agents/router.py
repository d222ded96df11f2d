"""Who is asked, and who next: the chain of a role, and what may pass a question on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agents.errors import (
    KeyRefused,
    KeyUnreadable,
    MissingKey,
    ModelBusy,
    ModelResting,
    ProviderOverloaded,
    ProviderUnavailable,
    RateLimited,
    SpendingRefused,
)
from nexus.errors import NexusError

PASS_ON = (
    ProviderUnavailable, ProviderOverloaded, RateLimited, KeyRefused, SpendingRefused, MissingKey, KeyUnreadable,
    ModelBusy, ModelResting,
)  # fmt: skip
"""What cost nothing and says nothing against the question: the next one in the chain is asked. An answer that was lost
may have been paid for, and is asked for again in an attempt of its own."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One place in a chain."""

    provider: str
    model: str

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.provider}/{self.model}"


class Chained(Protocol):
    """What a role says of it."""

    @property
    def provider(self) -> str:
        """Who is asked first."""

    @property
    def model(self) -> str:
        """Which model of theirs."""

    @property
    def chain(self) -> Sequence[Mapping[str, str]]:
        """Who is asked next, in order."""


def links(role: Chained, *, model: str = "", providers: Sequence[str] = ()) -> tuple[Link, ...]:
    """Whom this role asks, in order, each once.

    A `model` that the task names is asked alone: `provider/model` where that provider is known, else of the link that
    has this model, else of the role's own provider.
    """
    own = Link(provider=role.provider, model=role.model)
    whole = (own, *(Link(provider=one["provider"], model=one["model"]) for one in role.chain))
    if not model:
        return tuple(dict.fromkeys(whole))
    before, _, after = model.partition("/")
    if after and before in providers:
        return (Link(provider=before, model=after),)
    named = [link for link in whole if link.model == model]
    return (named[0] if named else Link(provider=role.provider, model=model),)


def soonest(refusals: Sequence[NexusError]) -> NexusError:
    """What is told when nobody in the chain could be asked: who can be asked again first, else the first refusal."""
    waiting = [error for error in refusals if error.disposition == "give_back"]
    return min(waiting, key=lambda error: error.retry_after or 0.0) if waiting else refusals[0]
