"""Why a task is not moving, in one sentence for people."""

from __future__ import annotations

from collections.abc import Collection

from .models import Run, Task
from .states import TaskState


def why(task: Task, *, run: Run, parents: Collection[str] = ()) -> str | None:
    """One sentence, or None when it runs or is final. `parents` are the keys of unfinished parents."""
    if task.finished_at or task.state == TaskState.RUNNING:
        return None
    if run.cancel_requested_at:
        return "The run is being cancelled"
    said = (task.wait or {}).get("message")
    if task.state == TaskState.WAITING_APPROVAL:
        return f"A person is needed: {said}" if said else "A person is needed"
    if task.state == TaskState.FAILED:
        reason = (task.error or {}).get("message", "it failed")
        return f"Out of attempts, in the dead letters: {reason}"
    if run.paused_at:
        return "The run is paused"
    if task.state == TaskState.READY:
        return f"Waits for a worker of {task.queue}" + (f"; rung {task.rings} times" if task.rings > 1 else "")
    if task.deps_left:
        names = sorted(parents)
        return f"Waits for {', '.join(names)}" if names else f"Waits for {task.deps_left} earlier tasks"
    if task.not_before:
        at = task.not_before.strftime("%H:%M:%S %Z")
        return f"{said}; tried again at {at}" if said else f"Starts at {at}"
    return None
