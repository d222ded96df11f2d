"""What billing wants done by the clock."""

from __future__ import annotations

from billing import parked
from nexus import engine


@engine.chore(every=1)
def go_on() -> int:
    """Let go on what waited for budgets that were raised; return how many tasks."""
    return parked.go_on_once()
