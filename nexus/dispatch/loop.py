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

from .dispatcher import dispatch_once
from .models import Dispatcher

log = logging.getLogger("nexus.dispatch")
POLL_EVERY = 1.0
SIGN_EVERY = 3.0
PASS_EVERY = 0.01
"""Seconds between two passes when bells come in a stream: each then rings many."""


class Loop:
    """One dispatcher. `chores` are called every sweep: the rescuer, the timers."""

    def __init__(self, *, chores: Callable[[], None]) -> None:
        """Remember the chores; nothing runs yet."""
        self._chores = chores
        self._stopping = threading.Event()
        self._swept_at = self._signed_at = self._passed_at = 0.0
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
        connection.cursor().execute("LISTEN nexus_ring")
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
        self._passed_at = now
        if dispatch_once() < dials().dispatch_batch:
            self._wait()

    def _wait(self) -> None:
        """Return when told that something is due, at the time it is told of, or after the poll.

        What is told within PASS_EVERY of the last pass is answered together.
        """
        wake_at = time.monotonic() + min(POLL_EVERY, dials().sweep_every)
        while (left := wake_at - time.monotonic()) > 0 and not self._stopping.is_set():
            for told in connection.connection.notifies(timeout=left, stop_after=1):
                soon = time.monotonic() + float(told.payload or 0)
                wake_at = min(wake_at, max(soon, self._passed_at + PASS_EVERY))
