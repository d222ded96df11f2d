"""Who claims, what a claim gives a worker, and what a settle leaves it: values."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Literal, Self

LOOKED_FOR = 0.3
"""Seconds after a bell in which its dispatcher surely looks often, see dispatch/loop.py. Where clocks differ by more,
it is called for nothing, or finds what is due with its next poll."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A task held under `fence`. What changes after the claim does not show here."""

    task_id: int
    run_id: int
    tenant: str
    subject: str
    key: str
    type: str
    queue: str
    priority: int
    input: dict[str, Any]
    attempt: int
    max_attempts: int
    fence: int
    timeout: float

    @classmethod
    def of(cls, told: str) -> Self:
        """Read what nexus_hold told: JSON with exactly these fields."""
        return cls(**json.loads(told))

    @classmethod
    def maybe(cls, told: str | None) -> Self | None:
        """As `of`; None where nothing was claimed."""
        return None if told is None else cls.of(told)

    @classmethod
    def several(cls, told: str | None) -> tuple[Self, ...]:
        """Those of a JSON array; none where there is none."""
        return () if told is None else tuple(cls(**one) for one in json.loads(told))


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of a settle. `verdict` fenced: nothing was written."""

    verdict: Literal["settled", "fenced"]
    state: str | None = None
    next: Claim | None = None
    """What the same worker holds now: a task of the same run and queue, or the best that waits in the queue."""
    along: tuple[Claim, ...] = ()
    """What it holds beside: siblings of `next`, of types that it said are short."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who claims: the worker's name, the delivery it works on, and when a dispatcher rang for that (Unix time)."""

    worker: str
    delivery: str = ""
    rung_at: float = 0.0

    @property
    def is_looked_for(self) -> bool:
        """Does the dispatcher that rang look often still, so that what is due in a moment needs no call?"""
        return time.time() - self.rung_at < LOOKED_FOR
