"""What agents want done by the clock."""

from __future__ import annotations

from agents import calls
from nexus import engine


@engine.chore(every=60)
def close_abandoned() -> int:
    """Close model requests that nobody came back to; return how many."""
    return calls.close_abandoned()
