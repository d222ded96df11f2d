"""Wake the dispatchers once what they are to see is committed. Lost safely: their poll finds the rows."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, transaction

from . import statements

log = logging.getLogger("nexus.tasks")
AT_MOST_EVERY = 0.01
"""Seconds between two calls of one process. A dispatcher that was called looks often for a while, see dispatch/loop."""
CHANNEL = "nexus_ring"


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


def wake(after: float = 0.0) -> None:
    """Have the dispatchers look, in `after` seconds, when the caller's transaction is committed; else now.

    Not by NOTIFY in the transaction itself: all that notify commit one after the other, each with its own
    flush of the log. Alone, a NOTIFY flushes nothing.
    """
    transaction.on_commit(lambda: _call(after), robust=True)


def _call(after: float) -> None:
    if not _turn.comes():
        return
    try:
        statements.one("SELECT pg_notify(%s, %s)", [CHANNEL, f"{after:g}" if after else ""])
    except (DatabaseError, InterfaceError) as error:
        log.info("dispatchers not woken: %s", error)
