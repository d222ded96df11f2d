"""Why a task is not moving, in one sentence for people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .models import Run, Task
from .states import TaskState


def why(task: Task, *, run: Run, parents: Collection[str] = ()) -> str | None:
    """One sentence, or None when it runs or is final. `parents` are the keys of unfinished parents."""
    if task.finished_at or task.state == TaskState.RUNNING:
        return None
    if run.cancel_requested_at:
        return "The run is being cancelled"
    if task.state in (TaskState.WAITING_APPROVAL, TaskState.FAILED):
        return _for_a_person(task)
    if run.paused_at:
        return "The run is paused"
    if task.state == TaskState.READY:
        if task.exclusive:
            return f"Waits for a worker of {task.queue}, and for whoever has {task.exclusive}"
        return f"Waits for a worker of {task.queue}" + (f"; rung {task.rings} times" if task.rings > 1 else "")
    return _for_parents_or_time(task, sorted(parents))


def _for_a_person(task: Task) -> str:
    if task.state == TaskState.FAILED:
        return f"Out of attempts, in the dead letters: {(task.error or {}).get('message', 'it failed')}"
    said = (task.wait or {}).get("message")
    if (task.wait or {}).get("code") == "approval":
        return _for_an_approval((task.wait or {}).get("detail") or {}, said)
    return f"A person is needed: {said}" if said else "A person is needed"


def _for_an_approval(detail: dict[str, Any], said: str | None) -> str:
    of = f", of {', '.join(detail['approvers'])}" if detail.get("approvers") else ""
    return f"Approval {detail.get('approval')} is needed{of}: {said}"


def _for_parents_or_time(task: Task, parents: list[str]) -> str | None:
    if task.deps_left:
        return f"Waits for {', '.join(parents) or f'{task.deps_left} earlier tasks'}"
    if task.not_before is None:
        return None
    said, at = (task.wait or {}).get("message"), task.not_before.strftime("%H:%M:%S %Z")
    return f"{said}; tried again at {at}" if said else f"Starts at {at}"
