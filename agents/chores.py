"""What agents want done by the clock."""

from __future__ import annotations

from agents import calls
from agents.sessions import watching
from nexus import engine


@engine.chore(every=60)
def close_abandoned() -> int:
    """Close model requests that nobody came back to; return how many."""
    return calls.close_abandoned()


@engine.chore(every=2)
def go_on() -> int:
    """Let the next message of a session have its turn where the last turn died; return how many."""
    return watching.go_on()


@engine.chore(every=600)
def expire_sessions() -> int:
    """Let sessions expire that nobody uses; return how many."""
    return watching.expire_sessions()
