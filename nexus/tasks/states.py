"""What a task and a run can be, and every arrow between.

PENDING -> READY -> RUNNING -> COMPLETED
   ^         ^         |----> CANCELLED
   |         |         |----> FAILED ----> PENDING (a person re-drives it) | CANCELLED
   |         |         |----> WAITING_APPROVAL -> READY | CANCELLED
   |---------|---------+      (an attempt that failed with tries left, or was given back: RUNNING -> PENDING)
"""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    """Where a task is."""

    PENDING = "pending"
    """Waits for its parents, or for a time."""
    READY = "ready"
    """May be claimed by any worker of its queue."""
    RUNNING = "running"
    """Held by exactly one lease. Ended by settle, or by the rescuer when the lease runs out."""
    WAITING_APPROVAL = "waiting_approval"
    """Parked: a person is needed, and `wait` says for what."""
    COMPLETED = "completed"
    """Done. Final."""
    FAILED = "failed"
    """Attempts used up, or refused: in the dead letters until a person re-drives or cancels it."""
    CANCELLED = "cancelled"
    """Not done, on purpose. Final."""


class RunState(StrEnum):
    """Where a run is. Paused, queued and blocked are seen from its columns and tasks."""

    OPEN = "open"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


S = TaskState

MOVES: frozenset[tuple[TaskState, TaskState]] = frozenset(
    {
        (S.PENDING, S.READY),
        (S.PENDING, S.CANCELLED),
        (S.READY, S.RUNNING),
        (S.READY, S.WAITING_APPROVAL),
        (S.READY, S.CANCELLED),
        (S.RUNNING, S.COMPLETED),
        (S.RUNNING, S.FAILED),
        (S.RUNNING, S.CANCELLED),
        (S.RUNNING, S.WAITING_APPROVAL),
        (S.RUNNING, S.PENDING),
        (S.FAILED, S.PENDING),
        (S.FAILED, S.CANCELLED),
        (S.WAITING_APPROVAL, S.READY),
        (S.WAITING_APPROVAL, S.CANCELLED),
    }
)
"""Every legal move. Whatever is not here is refused and changes nothing."""

FINAL: frozenset[TaskState] = frozenset({S.COMPLETED, S.CANCELLED})
"""Nothing leads out of these."""

STOPPABLE: frozenset[TaskState] = frozenset(source for source, target in MOVES if target is S.CANCELLED) - {S.RUNNING}
"""What a cancelled run ends at once; what is running is told, and ends itself."""


def may_move(source: TaskState, target: TaskState) -> bool:
    """Is there an arrow from `source` to `target`?"""
    return (source, target) in MOVES
