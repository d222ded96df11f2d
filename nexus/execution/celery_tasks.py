"""The Celery side: one task that is a doorbell, and what its worker tells us of itself."""

from __future__ import annotations

import os
from typing import Any

from celery import Task, shared_task
from celery.exceptions import WorkerLostError
from celery.signals import task_failure, worker_ready, worker_shutting_down

from nexus.crashing import crash
from nexus.leases.renew import end_delivery, holders_of
from nexus.queues.wire import RING
from nexus.tasks.claims import Holder

from . import runner
from .heartbeat import heart

CHILDREN_EVERY = 0.5


class _Worker:
    """What the main process of a worker knows of itself."""

    node = ""
    looking: Any = None


@shared_task(name=RING, bind=True, max_retries=0)
def ring(self: Task[Any, str], /, *, task: int, queue: str, at: float = 0.0, **later: object) -> str:
    """Run one task. Delivered twice is fine: only one delivery can claim it. Never raises."""
    holder = Holder(worker=f"{self.request.hostname}/{os.getpid()}", delivery=self.request.id or "", rung_at=at)
    crash("K6")
    return runner.deliver(task_id=task, queue=queue, holder=holder)


@worker_shutting_down.connect
def drain(**_: object) -> None:
    """What runs stops at its next check and is given back; a second copy of the worker takes it."""
    heart().drain()


@worker_ready.connect
def look_after_children(sender: Any = None, **_: object) -> None:
    """Look every half second whether a pool child is gone.

    Celery hears of a death by a pipe that closes, which is a moment before the child can be waited for: on a busy
    machine it finds nobody dead, and looks again after five seconds. A worker is ready anew after each reconnect.
    """
    _Worker.node = sender.hostname
    if _Worker.looking is not None:
        _Worker.looking.cancel()
    if sender.hub is not None:
        _Worker.looking = sender.hub.call_repeatedly(CHILDREN_EVERY, sender.pool.maintain_pool)


@task_failure.connect
def end_leases_of_lost_child(task_id: str = "", exception: BaseException | None = None, **_more: object) -> None:
    """A pool child died: its leases need not run out. Called in the worker's main process.

    A sibling that lives may hold the task by now, where this was noticed late: its lease is left alone.
    """
    if isinstance(exception, WorkerLostError):
        for holder in holders_of(task_id):
            node, _, pid = holder.rpartition("/")
            if node == _Worker.node and not _lives(int(pid)):
                end_delivery(task_id, holder=holder)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
