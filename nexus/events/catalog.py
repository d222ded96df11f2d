"""Every kind of event that the engine appends. Domains add their own with a prefix of their own."""

from __future__ import annotations

RUN_SUBMITTED = "run.submitted"
RUN_EXPANDED = "run.expanded"
RUN_PAUSED = "run.paused"
RUN_RESUMED = "run.resumed"
RUN_CANCEL_REQUESTED = "run.cancel_requested"
RUN_COMPLETED = "run.completed"
RUN_FAILED = "run.failed"
RUN_CANCELLED = "run.cancelled"
RUN_REPAIRED = "run.repaired"
TASK_READY = "task.ready"
TASK_STARTED = "task.started"
TASK_PROGRESS = "task.progress"
TASK_COMPLETED = "task.completed"
TASK_FAILED = "task.failed"
TASK_GIVEN_BACK = "task.given_back"
TASK_PARKED = "task.parked"
TASK_UNPARKED = "task.unparked"
TASK_REDRIVEN = "task.redriven"
TASK_CANCELLED = "task.cancelled"
TASK_LOST = "task.lost"
TASK_DEAD = "task.dead"

FINAL = frozenset({RUN_COMPLETED, RUN_FAILED, RUN_CANCELLED})
"""After one of these nothing more is appended to the run."""
