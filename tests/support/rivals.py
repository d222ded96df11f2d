"""Somebody else: a thread with a database connection of its own, and ways to wait for what it is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import psycopg
from django.db import connection


class Rival(Thread):
    """Runs `act` on its own connection and keeps what came of it, an exception included."""

    def __init__(self, act: Callable[[], Any]) -> None:
        """Not started yet."""
        super().__init__(daemon=True)
        self._act = act
        self.outcome: Any = None

    def run(self) -> None:
        """Act once."""
        try:
            self.outcome = self._act()
        except Exception as error:  # noqa: BLE001 — it is the outcome
            self.outcome = error
        finally:
            connection.close()

    def ended(self, within: float = 20) -> Any:
        """Wait for the end and return the outcome."""
        self.join(within)
        assert not self.is_alive(), "the rival did not come to an end"
        return self.outcome


def wait_until_blocked(within: float = 10) -> None:
    """Return once Postgres itself says that some session waits for a lock."""
    # pg_locks, not pg_stat_activity: the latter is a snapshot, frozen for our own open transaction.
    wait_for(
        lambda: _asked("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0, within=within, what="a blocked session"
    )


def _asked(question: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def wait_for(fact: Callable[[], Any], *, within: float = 30, what: str = "the fact") -> Any:
    """Poll until `fact` is true and return it; fail with `what` when it does not come."""
    until = time.monotonic() + within
    tick = 0.005
    while not (value := fact()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {within:g} s for {what}")
        time.sleep(tick)
        tick = min(0.1, tick * 1.5)
    return value


def a_connection() -> psycopg.Connection[Any]:
    """A connection that is nobody's in this process."""
    said = connection.settings_dict
    return psycopg.connect(
        host=said["HOST"], port=said["PORT"], user=said["USER"], password=said["PASSWORD"], dbname=said["NAME"]
    )
