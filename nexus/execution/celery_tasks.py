"""The Celery side: one task that is a doorbell, and what its worker tells us of itself."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Task, shared_task
from celery.exceptions import WorkerLostError
from celery.signals import task_failure, worker_shutting_down
from django.db import DatabaseError, InterfaceError, connection

from nexus.leases.renew import end_delivery
from nexus.queues.wire import ANSWER, RING
from nexus.tasks.transitions import Holder

from . import runner
from .heartbeat import heart

log = logging.getLogger("nexus.execution")


@shared_task(name=RING, bind=True, max_retries=0)
def ring(self: Task[Any, str], /, *, task: int, queue: str, **later: object) -> str:
    """Run one task. Delivered twice is fine: only one delivery can claim it. Never raises."""
    worker = f"{self.request.hostname}/{os.getpid()}"
    try:
        return runner.deliver(task_id=task, queue=queue, holder=Holder(worker=worker, delivery=self.request.id or ""))
    except (DatabaseError, InterfaceError) as error:
        # Postgres went away. What was claimed is the rescuer's; what was not is rung again. The broken
        # connection is dropped here: the next delivery of this thread opens its own.
        log.warning("delivery given up task=%s: %s", task, error)
        connection.close()
        return ANSWER


@worker_shutting_down.connect
def drain(**_: object) -> None:
    """What runs stops at its next check and is given back; a second copy of the worker takes it."""
    heart().drain()


@task_failure.connect
def end_leases_of_lost_child(task_id: str = "", exception: BaseException | None = None, **_: object) -> None:
    """A pool child died: its leases need not run out. Called in the worker's main process."""
    if isinstance(exception, WorkerLostError):
        end_delivery(task_id)
