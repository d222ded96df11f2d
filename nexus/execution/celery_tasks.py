"""The Celery side: one task that is a doorbell, and what its worker tells us of itself."""

from __future__ import annotations

import os
from typing import Any

from celery import Task, shared_task
from celery.exceptions import WorkerLostError
from celery.signals import task_failure, worker_shutting_down

from nexus.crashing import crash
from nexus.leases.renew import end_delivery
from nexus.queues.wire import RING
from nexus.tasks.transitions import Holder

from . import runner
from .heartbeat import heart


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


@task_failure.connect
def end_leases_of_lost_child(task_id: str = "", exception: BaseException | None = None, **_: object) -> None:
    """A pool child died: its leases need not run out. Called in the worker's main process."""
    if isinstance(exception, WorkerLostError):
        end_delivery(task_id)
