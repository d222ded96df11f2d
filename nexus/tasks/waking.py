"""Wake the dispatchers once what they are to see is committed. Lost safely: their poll finds the rows."""

from __future__ import annotations

import logging
import math
import os
import threading
import time

from django.db import DatabaseError, InterfaceError, connection, transaction

from nexus.connections import hand_back

from . import statements

log = logging.getLogger("nexus.tasks")
AT_MOST_EVERY = 0.01
"""Seconds between two calls of one process. A dispatcher that was called looks often for a while, see dispatch/loop."""
CHANNEL = "nexus_ring"
ONE_CALL_FOR = 0.3
"""Seconds for which one call is enough: a dispatcher that was called looks often for longer."""
LOOKS_EVERY = 0.02
"""Seconds between two looks of the thread that calls later, while it is used."""
IDLE_AFTER = 1.0
"""Seconds after which a thread that is not used sleeps, and lets its connection go."""


class _Turn:
    """When this process last called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._called_at = 0.0

    def comes(self) -> bool:
        """Has it been long enough? Of several threads one is told so."""
        with self._lock:
            now = time.monotonic()
            if now - self._called_at < AT_MOST_EVERY:
                return False
            self._called_at = now
            return True


_turn = _Turn()


def wake() -> None:
    """Have the dispatchers look, when the caller's transaction is committed; now where there is none.

    Not by NOTIFY in the transaction itself: all that notify commit one after the other, each with its own
    flush of the log. Alone, a NOTIFY flushes nothing.
    """
    transaction.on_commit(_call, robust=True)


def _call() -> None:
    if not _turn.comes():
        return
    try:
        statements.one("SELECT pg_notify(%s, '')", [CHANNEL])
    except (DatabaseError, InterfaceError) as error:
        log.info("dispatchers not woken: %s", error)


class _Later:
    """The runs for which the dispatchers are to be called at a time, and the thread that calls them then.

    Nearly always the run has ended before, and nobody is called. So nobody wakes the thread either, while it comes to
    look often enough by itself.
    """

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)  # threads do not survive a fork

    def _begin(self) -> None:
        self._due: dict[int, float] = {}  # when, by run
        self._used_at = self._looks_at = 0.0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, run_id: int, after: float) -> None:
        """Call in `after` seconds, or when another time that was named for this run comes, whichever is first."""
        with self._changed:
            self._used_at = time.monotonic()
            at = self._used_at + after
            self._due[run_id] = min(at, self._due.get(run_id, at))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nexus-waking", daemon=True)
                self._thread.start()
            elif at < self._looks_at:
                self._changed.notify()

    def withdraw(self, run_id: int) -> None:
        """The run has ended: nothing of it can be due."""
        if self._due:
            with self._changed:
                self._due.pop(run_id, None)

    def _run(self) -> None:
        while True:
            if self._comes():
                _call()
                hand_back()
            else:
                connection.close()

    def _comes(self) -> bool:
        """Wait for the time of a run; False when there was none for a while."""
        with self._changed:
            while (due := min(self._due.values(), default=math.inf)) > (now := time.monotonic()):
                is_used = now - self._used_at < IDLE_AFTER
                if connection.connection and not is_used:
                    return False
                self._looks_at = min(due, now + LOOKS_EVERY if is_used else math.inf)
                self._changed.wait(None if self._looks_at == math.inf else self._looks_at - now)
            enough_until = time.monotonic() + ONE_CALL_FOR
            self._due = {run_id: at for run_id, at in self._due.items() if at > enough_until}
            return True


_later = _Later()


def wake_later(run_id: int, after: float) -> None:
    """Have the dispatchers look in `after` seconds, unless `run_id` has ended by then: see `has_ended`.

    For what a worker will most likely have done by itself. Nobody waits for the call, and mostly there is none.
    """
    transaction.on_commit(lambda: _later.put(run_id, after), robust=True)


def has_ended(run_id: int) -> None:
    """Nobody need look for what this process left behind in that run."""
    _later.withdraw(run_id)
