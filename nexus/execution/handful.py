"""Several short tasks of one run that one delivery holds: done one after the other, settled by one commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

from nexus.conf import dials
from nexus.errors import LeaseLost, Stopped
from nexus.settlement.settle import Ending, settle, settle_together
from nexus.tasks.claims import Claim, Holder, Settled

from . import ending

log = logging.getLogger("nexus.execution")
SETTLE_WITHIN = 0.005
"""Seconds for which what is done waits for the next to be done."""
PATIENCE = 0.25
"""Seconds after which a task is not short after all: what is done is settled, and what waits given back."""


class Handful:
    """What waits and what is done, of the claims of one delivery.

    Two threads come here: the one that delivers, and the process's minder when that has been at one task for too long.
    Whoever takes a claim out, under the lock, settles it; the other finds it gone. The lease of what waits or is done
    is not renewed: it is many times as long as the minder's patience. Should the minder be held up too, nothing is
    begun after a third of it, and the rescuer has what is left.
    """

    def __init__(self, held: Iterable[Claim], holder: Holder) -> None:
        """All wait."""
        self._holder = holder
        self._lock = threading.Lock()
        self._waiting = deque(held)
        self._done: list[tuple[Claim, Ending]] = []
        self._since = time.monotonic()
        """When the oldest of what is done was done, or the one that runs was begun, if nothing is."""
        self._until = self._since + dials().heartbeat_every

    def begin(self) -> Claim | None:
        """The next that waits, no longer waiting; None when there is none, or their leases have grown old."""
        now = time.monotonic()
        with self._lock:
            if not self._done:
                self._since = now
            return self._waiting.popleft() if self._waiting and now < self._until else None

    def keep(self, held: Claim, end: Ending) -> None:
        """It is done; it is settled with the next, or by the minder."""
        with self._lock:
            if not self._done:
                self._since = time.monotonic()
            self._done.append((held, end))

    @property
    def is_due(self) -> bool:
        """Has what is done waited long enough?"""
        return bool(self._done) and time.monotonic() - self._since > SETTLE_WITHIN

    @property
    def has_more(self) -> bool:
        """Does anything wait to be done?"""
        return bool(self._waiting)

    def settle_done(self, *, go_on: bool, short: tuple[str, ...]) -> Settled:
        """Settle what is done, by one commit."""
        with self._lock:
            done, self._done = self._done, []
        if not done:
            return Settled(verdict="settled")
        return settle_together(done, self._holder, go_on=go_on, short=short)

    def give_back(self) -> None:
        """Give back, unspent, what waits."""
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque[Claim]()
        for held in waiting:
            end = ending.of_exception(held, Stopped("Others of its handful take long", retry_after=0))
            try:
                settle(held, end, self._holder, go_on=False)
            except LeaseLost:
                log.warning("nothing to give back task=%s fence=%s: its lease is lost", held.task_id, held.fence)

    def is_stuck(self, now: float) -> bool:
        """Has it been at one task for too long, and holds others?"""
        return now - self._since > PATIENCE and bool(self._waiting or self._done)


class _Minder:
    """A thread of the process that looks after its handfuls, four times a second while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minded: set[Handful] = set()
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def minding(self, handful: Handful) -> Iterator[Handful]:
        """Look after it while the block runs."""
        with self._lock:
            self._minded.add(handful)
            if self._thread is None or not self._thread.is_alive():  # threads do not survive a fork
                self._thread = threading.Thread(target=self._run, name="nexus-minder", daemon=True)
                self._thread.start()
        if not self._some.is_set():
            self._some.set()
        try:
            yield handful
        finally:
            with self._lock:
                self._minded.discard(handful)

    def _run(self) -> None:
        while True:
            self._some.wait()
            time.sleep(PATIENCE)
            now = time.monotonic()
            with self._lock:
                stuck = [one for one in self._minded if one.is_stuck(now)]
                if not self._minded:
                    self._some.clear()  # under the lock: who comes after it finds it cleared, and sets it
            for handful in stuck:
                try:
                    handful.settle_done(go_on=False, short=())
                    handful.give_back()
                except (DatabaseError, InterfaceError) as error:
                    log.warning("handful not let go: %s; its leases run out", error)
                finally:
                    connection.close()


minder = _Minder()
