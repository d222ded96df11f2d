"""A delivery in a process of its own, which is killed at a crash point; and the time until somebody else comes."""

from __future__ import annotations

import os
import time

from django.conf import settings
from django.db import connection, transaction

from nexus import crashing, engine
from nexus.execution import runner
from nexus.tasks import transitions
from nexus.tasks.claims import Holder
from nexus.upkeep.rescuer import rescue_once

from .runs import task

DOOMED = Holder(worker="doomed/1", delivery="d")


def delivered(run: engine.Run, key: str, *, crash: str, within: float = 60) -> int:
    """Deliver a task to a child of ours, as a pool's, that dies at `crash`; return its exit code, negative a signal."""
    found = task(run, key)
    connection.close()  # a child must not speak on its parent's connection
    pid = os.fork()
    if not pid:
        settings.NEXUS_CRASH = crash
        crashing._armed.cache_clear()
        runner.deliver(task_id=found.pk, queue=found.queue, holder=DOOMED)
        os._exit(0)
    until = time.monotonic() + within
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        assert time.monotonic() < until, f"the delivery neither ended nor died at {crash}"
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(ended[1])


def pass_lease(run: engine.Run, key: str) -> None:
    """Let the lease of a dead worker run out, and the task be ready again."""
    end_lease(run, key)
    assert rescue_once() == 1
    make_ready(run, key)


def end_lease(run: engine.Run, key: str) -> None:
    """Let the lease of a dead worker run out."""
    held = task(run, key).pk
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_lease SET expires_at = now() - interval '1 hour' WHERE task_id = %s", [held])


def make_ready(run: engine.Run, key: str) -> None:
    """Let the time of its next try have come."""
    found = task(run, key)
    engine.tasks.filter(pk=found.pk).update(not_before="2000-01-01T00:00Z")
    with transaction.atomic():
        transitions.lock_run(run.pk)
        assert transitions.make_ready(run.pk, [found.pk]) == 1
