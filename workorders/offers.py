"""What applications offer: names that a request may be made to, beside the orders that draw up a plan of their own.

    # apps/workflows/offers.py, found at start like handlers.py
    from workorders import offers

    offers.offer("workflow", names=published, file=begin)

A surface asks `names` what a project may be asked under, and `file` to take in a request under one of them. What comes
of it is an order like any other: its deliverable is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from nexus.transactions import requires_transaction

from .errors import NotOffered
from .models import Project, WorkOrder


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a request is to be carried out, beside its words."""

    requester: str = ""
    channel: str = "api"
    conversation: str = ""
    """The surface's own name for the chat that this is part of. What is offered may remember what was said in it."""
    budget_usd: Decimal | None = None
    priority: int = 5


class Files(Protocol):
    """What an application does with a request under one of its names."""

    def __call__(self, *, project: Project, name: str, text: str, wish: Wish) -> WorkOrder:
        """Write the order in the caller's transaction; raise OrderInvalid."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one application offers."""

    kind: str
    names: Callable[[Project], list[str]]
    file: Files


_offers: dict[str, Offer] = {}


def offer(kind: str, *, names: Callable[[Project], list[str]], file: Files) -> None:
    """Register what an application offers; raise ValueError when another one has this kind."""
    known = _offers.get(kind)
    if known is not None and (known.names, known.file) != (names, file):
        raise ValueError(f"Two applications offer {kind!r}")
    _offers[kind] = Offer(kind=kind, names=names, file=file)


def names(project: Project) -> list[str]:
    """Every name under which requests may be made in this project, each once, sorted."""
    return sorted({name for one in _all() for name in one.names(project)})


@requires_transaction
def file(
    *,
    project: Project,
    name: str,
    text: str,
    requester: str = "",
    channel: str = "api",
    conversation: str = "",
    budget_usd: Decimal | None = None,
    priority: int = 5,
) -> WorkOrder:
    """Take in a request under `name`, in the caller's transaction. Raise NotOffered, OrderInvalid.

    Where two kinds have the name, the kind that comes first in the alphabet takes it.
    """
    wish = Wish(
        requester=requester, channel=channel, conversation=conversation, budget_usd=budget_usd, priority=priority
    )
    for one in _all():
        if name in one.names(project):
            return one.file(project=project, name=name, text=text, wish=wish)
    raise NotOffered(name=name[:100])


def _all() -> list[Offer]:
    _load()
    return [_offers[kind] for kind in sorted(_offers)]


@lru_cache(maxsize=1)
def _load() -> None:
    """Let every app register what it offers: each has it in a module `offers`."""
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("offers")
