"""One thread per process renews all its leases in one statement, and learns what their runs ask for."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection

from nexus.conf import dials
from nexus.connections import keep_own
from nexus.leases.renew import Renewed, renew

from .context import Context, Signals

log = logging.getLogger("nexus.execution")


@dataclass
class _Held:
    signals: Signals
    until: float
    """When this execution is past its timeout and its lease is left to run out; monotonic."""
    renewed_at: float = field(default_factory=time.monotonic)


class Heart:
    """What this process holds. Its thread starts with the first lease and lives as long as the process."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._lock = threading.Lock()
        self._held: dict[tuple[int, int], _Held] = {}
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._draining = False

    @contextmanager
    def beating(self, context: Context) -> Iterator[None]:
        """Renew the lease of `context` while the block runs."""
        # Past its timeout the lease is not renewed: a handler that hangs loses its task to the rescuer.
        until = time.monotonic() + context.claim.timeout + dials().heartbeat_every
        context.signals.draining = self._draining
        name = (context.task_id, context.fence)
        with self._lock:
            self._held[name] = _Held(signals=context.signals, until=until)
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(name, None)

    @property
    def draining(self) -> bool:
        """Is this process about to end?"""
        return self._draining

    def drain(self) -> None:
        """Tell every execution of this process to stop at its next check; they are given back unspent."""
        with self._lock:
            self._draining = True
            for held in self._held.values():
                held.signals.draining = True

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._beat, name="nexus-heart", daemon=True)
            self._thread.start()

    def _beat(self) -> None:
        keep_own()  # five hundred threads may stand in line for one; the leases cannot wait
        while True:
            time.sleep(dials().heartbeat_every)
            try:
                self._once()
            except (DatabaseError, InterfaceError) as error:
                log.warning("heartbeat failed: %s", error)
            # One beat in a quarter of a lease is not worth a connection that stays open between them.
            connection.close()
            self._give_up()

    def _once(self) -> None:
        now = time.monotonic()
        with self._lock:
            names = [name for name, held in self._held.items() if now < held.until and not held.signals.lost]
        if not names:
            return
        found = {(one.task_id, one.fence): one for one in renew(names)}
        for name in names:
            self._learn(name, found.get(name), now)

    def _learn(self, name: tuple[int, int], renewed: Renewed | None, asked_at: float) -> None:
        with self._lock:
            held = self._held.get(name)
            if held is None:  # settled meanwhile: that is why the lease is gone
                return
            if renewed is None:
                held.signals.lost = True
                log.warning("lease lost task=%s fence=%s", *name)
                return
            held.renewed_at = asked_at
            held.signals.cancelled = renewed.cancelled
            held.signals.paused = renewed.paused

    def _give_up(self) -> None:
        """Without a renewal for 0.8 of a lease, assume it lost before the rescuer can have taken it."""
        limit = time.monotonic() - 0.8 * dials().lease_for
        with self._lock:
            for held in self._held.values():
                if held.renewed_at < limit:
                    held.signals.lost = True


_hearts: dict[int, Heart] = {}


def heart() -> Heart:
    """The heart of this process. A forked child gets its own: threads do not survive a fork."""
    pid = os.getpid()
    return _hearts.get(pid) or _hearts.setdefault(pid, Heart())
