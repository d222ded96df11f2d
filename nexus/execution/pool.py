"""The worker's threads: who rested least works next.

Each has its own connection to Postgres. Taken in turns, as the standard library takes them, every connection of sixteen
comes to its work after fifteen others: what it knew of the tables has left the processor's caches by then.
"""

from __future__ import annotations

import time
from collections import deque
from queue import Empty
from threading import Barrier, Lock
from typing import Any

from celery.concurrency import thread

STEP_BACK_FOR = 0.00005
"""Seconds for which the consumer steps back when it has handed work on: else it computes on, and the thread that has
the work now waits for the interpreter. Linux adds as much by itself."""


class LastFirst:
    """Work in the order in which it came, for whoever began to wait last. In place of queue.SimpleQueue."""

    def __init__(self) -> None:
        """Nothing to do, and nobody waits."""
        self._lock = Lock()
        self._work: deque[Any] = deque()
        self._resting: list[Lock] = []

    def put(self, item: Any) -> None:
        """Add work, and wake one. Another may come to the work first; then who was woken waits again."""
        with self._lock:
            self._work.append(item)
            woken = self._resting.pop() if self._resting else None
        if woken:
            woken.release()

    def get(self, block: bool = True) -> Any:  # noqa: FBT001, FBT002 - as the executor calls it
        """Take work; wait for it."""
        while True:
            with self._lock:
                if self._work:
                    return self._work.popleft()
                if not block:
                    raise Empty
                mine = Lock()
                mine.acquire()
                self._resting.append(mine)
            mine.acquire()

    def get_nowait(self) -> Any:
        """Take work, or raise Empty."""
        return self.get(block=False)


_thread: Any = thread  # the stubs leave out most of it


class TaskPool(_thread.TaskPool):  # type: ignore[misc]
    """Celery's pool of threads, with that queue before it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As Celery's. No thread has started yet: each is given the queue when it does."""
        super().__init__(*args, **kwargs)
        self.executor._work_queue = LastFirst()  # noqa: SLF001 - the executor asks nobody for it

    def on_start(self) -> None:
        """Start all threads, so that a crowd which begins at once need not wait for each to be made."""
        all_there = Barrier(self.limit + 1)
        for _ in range(self.limit):
            self.executor.submit(all_there.wait)
        all_there.wait()

    def on_apply(self, *args: Any, **kwargs: Any) -> Any:
        """Hand it on, and let who has it begin."""
        applied = super().on_apply(*args, **kwargs)
        time.sleep(STEP_BACK_FOR)
        return applied
