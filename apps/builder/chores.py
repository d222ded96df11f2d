"""What the builder wants done by the clock."""

from __future__ import annotations

from nexus import engine

from . import recording


@engine.chore(every=5)
def write_down_the_dead() -> int:
    """Write down invocations that ended without an answer; return how many."""
    return recording.write_down_the_dead()
