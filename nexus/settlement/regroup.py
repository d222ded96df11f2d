"""Drive again what died of one failure: edited once, one task first where a person wants to see it work."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from nexus.deadletters.groups import waiting
from nexus.errors import IllegalMove, NotThere
from nexus.tasks.models import Task
from nexus.transactions import opens_transaction

from .control import drive_again

log = logging.getLogger("nexus.settlement")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What is changed in each task before it is tried again. What is None or not named stays."""

    input: dict[str, Any] = field(default_factory=dict)
    """Laid over the task's input, key by key."""
    max_attempts: int | None = None
    priority: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no task could have."""
        if self.max_attempts is not None and not 1 <= self.max_attempts <= 100:
            raise ValueError("max_attempts is between 1 and 100")
        if self.priority is not None and not 0 <= self.priority <= 10:
            raise ValueError("priority is between 0 and 10")

    def of(self, task: Task) -> dict[str, Any]:
        """The columns of `task` that change."""
        changed: dict[str, Any] = {"input": {**task.input, **self.input}} if self.input else {}
        limits = {"max_attempts": self.max_attempts, "priority": self.priority}
        return changed | {name: value for name, value in limits.items() if value is not None}


def redrive_group(
    *,
    fingerprint: str,
    tenants: Collection[str] | None = None,
    edit: Edit | None = None,
    most: int | None = None,
    actor: str = "",
    reason: str = "",
) -> int:
    """Drive up to `most` tasks of a group again, the oldest letters first; return how many. Raise NotThere.

    Finished tasks of their runs stay finished. Each task is a transaction of its own: a person who drives or cancels
    one of them at the same moment wins it, and the others go on.
    """
    letters = waiting(tenants=tenants).filter(fingerprint=fingerprint).order_by("id")
    task_ids = list(letters.values_list("task_id", flat=True)[:most])
    if not task_ids:
        raise NotThere("No task waits in the dead letters with this fingerprint", fingerprint=fingerprint)
    driven = sum(_one(task_id, edit or Edit(), actor=actor, reason=reason) for task_id in task_ids)
    log.info("drove again %s of group %s", driven, fingerprint)
    return driven


def _one(task_id: int, edit: Edit, *, actor: str, reason: str) -> bool:
    try:
        _edited(task_id, edit, actor=actor, reason=reason)
    except IllegalMove as somebody_was_faster:
        log.info("task=%s is not driven again: %s", task_id, somebody_was_faster)
        return False
    return True


@opens_transaction
def _edited(task_id: int, edit: Edit, *, actor: str, reason: str) -> None:
    task = drive_again(task_id, actor=actor, reason=reason)
    if changed := edit.of(task):
        Task.objects.filter(pk=task_id).update(**changed)
