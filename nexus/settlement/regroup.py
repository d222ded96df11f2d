"""Drive again what died of one failure: edited once, one task first where a person wants to see it work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from nexus.deadletters.groups import waiting
from nexus.deadletters.models import DeadLetter
from nexus.errors import IllegalMove, NotThere
from nexus.tasks.models import Task
from nexus.transactions import opens_transaction, requires_transaction

from .control import drive_again

log = logging.getLogger("nexus.settlement")
FASTEST = 6_000
"""Tasks per minute; whoever wants more does not want them paced."""
Beside = Callable[[Task], None]
"""What a domain changes in the transaction that drives the task."""


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
        return self._limits() | ({"input": {**task.input, **self.input}} if self.input else {})

    def said(self) -> dict[str, Any]:
        """For the feed: which inputs were changed, by name, since they may be long; and the limits."""
        return self._limits() | ({"input": sorted(self.input)} if self.input else {})

    def _limits(self) -> dict[str, Any]:
        limits = {"max_attempts": self.max_attempts, "priority": self.priority}
        return {name: value for name, value in limits.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class _Drive:
    """What is done to each task of a group."""

    edit: Edit
    beside: Beside | None
    actor: str
    reason: str

    def one(self, task_id: int, *, after: timedelta = timedelta(0)) -> None:
        """Drive it, change it, and let its domain change what belongs to it; raise IllegalMove."""
        changed = self.edit.said()
        said = {"changed": changed} if changed else None
        task = drive_again(task_id, actor=self.actor, reason=self.reason, said=said, after=after)
        if columns := self.edit.of(task):
            Task.objects.filter(pk=task_id).update(**columns)
        if self.beside is not None:
            self.beside(task)


@requires_transaction
def redrive_one(
    *,
    fingerprint: str,
    tenants: Collection[str] | None = None,
    edit: Edit | None = None,
    beside: Beside | None = None,
    actor: str = "",
    reason: str = "",
) -> int:
    """Drive the oldest task of a group again with the caller's transaction; return its id. Raise NotThere.

    Two who try one at the same moment read the same letter. The second waits for the run's row, finds the task driven,
    and takes the next letter: each drives one, and none is driven twice.
    """
    drive = _Drive(edit=edit or Edit(), beside=beside, actor=actor, reason=reason)
    for task_id in _task_ids(_of(fingerprint, tenants)):
        try:
            with transaction.atomic():
                drive.one(task_id)
        except IllegalMove as somebody_was_faster:
            log.info("task=%s is not driven again: %s", task_id, somebody_was_faster)
            continue
        return task_id
    raise NotThere("No task waits in the dead letters with this fingerprint", fingerprint=fingerprint)


def redrive_group(
    *,
    fingerprint: str,
    tenants: Collection[str] | None = None,
    edit: Edit | None = None,
    rate: int | None = None,
    beside: Beside | None = None,
    actor: str = "",
    reason: str = "",
) -> int:
    """Drive every task of a group again, the oldest letters first, `rate` of them a minute; return how many.

    Finished tasks of their runs stay finished. Each task is a transaction of its own: a person who drives or cancels
    one of them at the same moment wins it, and the others go on. Raise NotThere where no task waits.
    """
    if rate is not None and not 1 <= rate <= FASTEST:
        raise ValueError(f"a rate is between 1 and {FASTEST} a minute")
    task_ids = _task_ids(_of(fingerprint, tenants))
    if not task_ids:
        raise NotThere("No task waits in the dead letters with this fingerprint", fingerprint=fingerprint)
    drive = _Drive(edit=edit or Edit(), beside=beside, actor=actor, reason=reason)
    driven = 0
    for task_id in task_ids:
        driven += _alone(drive, task_id, after=timedelta(minutes=driven / rate) if rate else timedelta(0))
    log.info("drove again %s of group %s", driven, fingerprint)
    return driven


def _of(fingerprint: str, tenants: Collection[str] | None) -> QuerySet[DeadLetter]:
    return waiting(tenants=tenants).filter(fingerprint=fingerprint).order_by("id")


def _task_ids(letters: QuerySet[DeadLetter]) -> list[int]:
    # A task may have several letters that nobody raised only if somebody wrote them by hand; it is driven once.
    return list(dict.fromkeys(letters.values_list("task_id", flat=True)))


def _alone(drive: _Drive, task_id: int, *, after: timedelta) -> bool:
    try:
        opens_transaction(drive.one)(task_id, after=after)
    except IllegalMove as somebody_was_faster:
        log.info("task=%s is not driven again: %s", task_id, somebody_was_faster)
        return False
    return True
