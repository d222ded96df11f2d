"""The process. One of them works for a bot, whoever holds the lock in Postgres; others stand by and take over.

The main thread holds the lock and hears from Postgres that there is something to hear or to say. Threads fetch
updates, handle them, and say what is to be said. Nothing in the process is needed after it dies.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from . import approvals, commands, following, hearing, hints, notices, outbox, polling
from .client import Client, bot_id
from .models import Message, Update
from .typing import Typing

log = logging.getLogger("nexus.telegram")
LOCK = 0x7E1E
"""The first half of the lock's number; the second is the bot's."""
STAND_BY = 2.0
PATIENCE = 5.0
HEARERS = 4
LOOK_EVERY = 2.0
"""Seconds after which every thread looks at the tables by itself: a call may be lost."""
BUSY_EVERY = 0.2
AWAY = (DatabaseError, InterfaceError, psycopg.Error)


class Bot:
    """One process, which works when it holds the lock."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._ending = threading.Event()
        self._stopping = threading.Event()
        self._hear, self._say = threading.Event(), threading.Event()
        self._busy: set[int] = set()
        self._choosing = threading.Lock()

    def run(self) -> None:
        """Work or stand by until SIGTERM or SIGINT. Raise NoToken."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ending.set())
        bot_id()
        while not self._ending.is_set():
            try:
                if self._is_chosen():
                    self._work()
            except AWAY as error:
                log.warning("database away: %s", error)
            connection.close()  # and with it the lock
            self._ending.wait(STAND_BY)

    def _is_chosen(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, bot_id() % 2**31])
            (is_mine,) = cursor.fetchone()
        if not is_mine:
            log.info("another process works for this bot; standing by")
        return bool(is_mine)

    def _work(self) -> None:
        self._stopping.clear()
        with Client() as client:
            threads = [
                threading.Thread(target=self._alive, args=(act, client), name=f"telegram-{number}", daemon=True)
                for number, act in enumerate(self._acts())
            ]
            for thread in threads:
                thread.start()
            try:
                self._listen(client)
            finally:
                for event in (self._stopping, self._hear, self._say):
                    event.set()
                # What is being sent is sent, and written down; what Telegram holds open is not waited for.
                until = time.monotonic() + PATIENCE
                for thread in reversed(threads):
                    thread.join(0 if thread is threads[0] else max(0.0, until - time.monotonic()))
                client.let_go()
                threads[0].join(PATIENCE)

    def _acts(self) -> list[Callable[[Client], None]]:
        polls = [] if settings.TELEGRAM_WEBHOOK_SECRET else [lambda client: polling.poll(client, self._stopping)]
        return [*polls, *[self._hear_all] * HEARERS, self._say_all, lambda _: hints.heed(self._say, self._stopping)]

    def _listen(self, client: Client) -> None:
        """Pass on what Postgres calls, until told to end. Raise when the connection is lost: so is the lock."""
        connection.cursor().execute(f"LISTEN {outbox.CHANNEL}")
        log.info("telegram bot %d is ready", bot_id())
        menu = threading.Thread(target=_try_menu, args=(client,), name="telegram-menu", daemon=True)
        menu.start()
        while not self._ending.is_set():
            for told in list(connection.connection.notifies(timeout=1.0, stop_after=1)):
                (self._say if told.payload == "say" else self._hear).set()
            connection.cursor().execute("SELECT 1")  # a silent connection may be a dead one

    def _alive(self, act: Callable[[Client], None], client: Client) -> None:
        """Do `act` until it is time to stop; the database away, or a bug: again in a moment."""
        while not self._stopping.is_set():
            try:
                act(client)
            except AWAY as error:
                log.warning("database away: %s", error)
            except Exception:  # a thread that ends in silence would leave the bot half dead
                if not self._stopping.is_set():
                    log.exception("telegram thread failed; it goes on")
            connection.close()
            self._stopping.wait(1.0)

    # --- hearing ---

    def _hear_all(self, client: Client) -> None:
        while not self._stopping.is_set():
            update = self._next()
            if update is None:
                self._hear.clear()
                if not self._is_waiting():
                    self._hear.wait(LOOK_EVERY)
                continue
            try:
                hearing.hear(update, client)
            finally:
                with self._choosing:
                    self._busy.discard(update.chat_id or 0)
                self._say.set()

    def _next(self) -> Update | None:
        """The oldest update of a chat that no other thread is at."""
        with self._choosing:
            found = Update.objects.due().exclude(chat_id__in=self._busy).first()
            if found is not None:
                self._busy.add(found.chat_id or 0)
            return found

    def _is_waiting(self) -> bool:
        """Has one come since we looked?"""
        with self._choosing:
            return Update.objects.due().exclude(chat_id__in=self._busy).exists()

    # --- saying ---

    def _say_all(self, client: Client) -> None:
        typing = Typing()
        while not self._stopping.is_set():
            self._say.clear()
            for refresh in (following.refresh, approvals.refresh, notices.refresh):
                refresh()
            typing.show(client)
            if outbox.send_due(client):
                continue
            self._say.wait(BUSY_EVERY if Message.objects.unsaid().exists() else LOOK_EVERY)
            self._stopping.wait(BUSY_EVERY / 2)  # in a busy installation something happens all the time


def _try_menu(client: Client) -> None:
    try:
        commands.tell_telegram(client)
    except Exception as error:  # noqa: BLE001 - a menu is a comfort
        log.warning("telegram did not take the menu: %s", error)
