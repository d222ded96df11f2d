"""Who worked on an order, one after another, and what was said of each: the ladder from intern to the Board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nexus import engine

BOARD = "board"
KINDS = ("order.triaged", "order.reviewed", "order.needs_board", "order.escalated", "order.delivered")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One who had it, and why it went on from there."""

    role: str
    """Who worked, or was called."""
    said: str
    """What came of it: given, pass, fail, inconclusive, accepted, called, delivered."""
    by: str
    """Who said so."""
    why: str
    attempt: int | None
    at: datetime


def chain(run_id: int, *, owner: str) -> list[Step]:
    """The steps of an order, first to last. One statement."""
    told = engine.events.filter(run_id=run_id, kind__in=KINDS).order_by("seq").values_list("kind", "data", "at")
    return [_step(kind, data, at, owner) for kind, data, at in told]


def _step(kind: str, data: dict[str, Any], at: datetime, owner: str) -> Step:
    match kind:
        case "order.triaged":
            return Step(role=str(data.get("owner_role", "")), said="given", by="admin",
                        why=str(data.get("difficulty", "")), attempt=None, at=at)  # fmt: skip
        case "order.reviewed":
            said, by = str(data.get("verdict", "")), str(data.get("by", ""))
            why = " ".join(map(str, data.get("reasons") or ()))
            return Step(role=str(data.get("author", "")), said=said, by=by, why=why, attempt=data.get("attempt"), at=at)
        case "order.escalated":
            return Step(role=str(data.get("to", "")), said="called", by=str(data.get("actor", "")),
                        why=str(data.get("reason", "")), attempt=None, at=at)  # fmt: skip
        case "order.needs_board":
            return Step(role=BOARD, said="called", by="worker", why=str(data.get("error", "")), attempt=None, at=at)
        case _:
            return Step(role=owner, said="delivered", by=owner, why=str(data.get("name", "")), attempt=None, at=at)
