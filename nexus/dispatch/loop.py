"""The dispatcher's loop: wake by LISTEN, poll once a second, keep the timers, stop when told."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from nexus.conf import dials
from nexus.tasks.waking import CHANNEL

from .dispatcher import dispatch_once
from .models import Dispatcher

log = logging.getLogger("nexus.dispatch")
POLL_EVERY = 1.0
SIGN_EVERY = 3.0
PASS_EVERY = 0.025
"""Seconds after a bell until the next: workers at work take what is ready by themselves meanwhile, and a doorbell that
comes too late for its task costs more than many a task."""
LOOK_EVERY, BUSY_FOR = 0.03, 0.5
"""Seconds between two looks while it is busy, and how long it counts as busy after a call or a bell."""


class Loop:
    """One dispatcher. `chores` are called every sweep: the rescuer, the timers."""

    def __init__(self, *, chores: Callable[[], None]) -> None:
        """Remember the chores; nothing runs yet."""
        self._chores = chores
        self._stopping = threading.Event()
        self._swept_at = self._signed_at = self._rang_at = self._busy_until = 0.0
        self._called = False  # since the last look
        self._name = f"{socket.gethostname()}/{os.getpid()}"

    def run(self) -> None:
        """Run until SIGTERM or SIGINT. A database that is away is waited for."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        while not self._stopping.is_set():
            try:
                self._listen()
                while not self._stopping.is_set():
                    self._pass()
            except (DatabaseError, InterfaceError, psycopg.Error) as error:
                log.warning("database away: %s", error)
                connection.close()
                self._stopping.wait(POLL_EVERY)
        Dispatcher.objects.filter(name=self._name).delete()

    def _listen(self) -> None:
        connection.ensure_connection()
        connection.cursor().execute(f"LISTEN {CHANNEL}")
        log.info("dispatcher %s is ready", self._name)

    def _pass(self) -> None:
        now = time.monotonic()
        if now - self._signed_at >= SIGN_EVERY:
            self._signed_at = now
            Dispatcher.objects.update_or_create(name=self._name, defaults={"seen_at": Now()})
            Dispatcher.objects.filter(seen_at__lt=Now() - timedelta(days=1)).delete()
        if now - self._swept_at >= min(POLL_EVERY, dials().sweep_every):
            self._swept_at = now
            self._chores()
        # A batch that was full is followed by the next at once: only what somebody calls for can wait for more.
        called, self._called = self._called, False
        rung = dispatch_once(unless_at_work=called and time.monotonic() < self._rang_at + PASS_EVERY)
        if rung:
            self._rang_at = time.monotonic()
            self._busy_until = self._rang_at + BUSY_FOR
        if rung is None:
            self._wait(pause_until=self._rang_at + PASS_EVERY)
        elif rung < dials().dispatch_batch:
            self._wait()

    def _wait(self, *, pause_until: float = 0.0) -> None:
        """Return when called, or after the poll; but not before `pause_until`.

        Calls in a stream are answered together. While there was something to do a moment ago it looks often: a
        process calls at most every 10 ms, and leaves the rest to this.
        """
        now = time.monotonic()
        wake_at = pause_until or now + (LOOK_EVERY if now < self._busy_until else min(POLL_EVERY, dials().sweep_every))
        while (left := wake_at - time.monotonic()) > 0 and not self._stopping.is_set():
            if list(connection.connection.notifies(timeout=left, stop_after=1)):
                now = time.monotonic()
                wake_at = min(wake_at, max(now, pause_until))
                self._busy_until = now + BUSY_FOR
                self._called = True
