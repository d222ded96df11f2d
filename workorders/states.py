"""The states of a work order. Derived from its run and its tasks, never written.

                  +-----------+   pause    +--------+
         +------> |in_progress| <--------> | paused |
         |        +-----------+   resume   +--------+
queued --+          |       ^
(no task            |       | unpark, answer, re-drive
 has started)       v       |
                  +-----------+
                  |  blocked  |   a person is needed
                  +-----------+

and from each of them: completed, failed, cancelled (final, as the run is)
"""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands, for people."""

    QUEUED = "queued"
    """Accepted; nothing has started yet."""
    IN_PROGRESS = "in_progress"
    """Something runs, may run, or waits for a time."""
    PAUSED = "paused"
    """Stopped by a person; resumes where it was."""
    BLOCKED = "blocked"
    """Nothing can go on until a person acts: a question, a budget, a dead letter."""
    COMPLETED = "completed"
    """Reviewed; the deliverable is stored."""
    FAILED = "failed"
    """Ended without a deliverable."""
    CANCELLED = "cancelled"
    """Ended by a person."""


FINAL = frozenset({OrderState.COMPLETED, OrderState.FAILED, OrderState.CANCELLED})
"""Nothing leaves these."""


class ReviewOutcome(StrEnum):
    """What review came to, for statistics. Written with each draft; the feed has them all."""

    NONE = ""
    """Nothing was reviewed yet."""
    OPEN = "open"
    """A draft did not pass; another is on its way."""
    SUCCESS = "success"
    """The first draft passed."""
    ESCALATED = "escalated"
    """A later one did."""
    NEEDS_BOARD = "needs_board"
    """None did: people decide."""
    ACCEPTED = "accepted"
    """People took the last one as it is."""


ASKS_BACK = "clarification_needed"
"""What triage parks with where the request is unclear: it wants words, not a release."""
