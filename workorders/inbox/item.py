"""One line of the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

Kind = Literal["approval", "question", "money", "failure", "effect", "call", "wait"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SOON = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to decide."""

    kind: Kind
    key: str
    """What tells it from the others of its kind: a number, a fingerprint, a scope."""
    why: str
    since: datetime
    order: str = ""
    """The order that it is about; empty where it is about several."""
    project: str = ""
    """Its number, as text."""
    priority: int = 5
    tasks: int = 1
    """How many tasks stand still until somebody acts."""
    orders: int = 1
    who: tuple[str, ...] = ()
    """Who was named; empty: whoever may act on this kind."""
    until: datetime | None = None
    then: str = ""
    """What time decides at `until`: stay, approve, reject."""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        """Where it stands on the page, for links that lead to it."""
        return f"{self.kind}-{self.key}"

    def is_urgent(self, now: datetime) -> bool:
        """Is it about to be decided by time, or was it to be?"""
        return self.until is not None and self.until - now <= SOON

    def rank(self, now: datetime) -> tuple[bool, int, datetime]:
        """What comes first: the urgent, the important, the old."""
        return (not self.is_urgent(now), -self.priority, self.since)
