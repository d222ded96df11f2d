"""What travels: names and shapes. A newer sender may add fields; an older worker ignores them."""

from __future__ import annotations

RING = "nexus.ring"
"""A doorbell: `{"task": <task id>, "queue": <queue name>, "at": <Unix time>}`. It says look; the database says whether
and what. `at` stands in what a dispatcher has rung itself: for a moment after that it looks often, and need not be
called."""

ANSWER = "ok"
"""What every doorbell returns. State is never read from a result."""


def ring_id(*, task_id: int, rings: int, part: str = "") -> str:
    """The Celery id of one ringing of one task: the same ringing published twice has one id."""
    return f"{task_id}.{rings}{part}"
