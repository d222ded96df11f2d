"""A database that only reads, a database that is away: for a while, and for every connection of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections


@contextmanager
def a_database_that_only_reads() -> Iterator[None]:
    """As during a failover, for every session that is opened while it lasts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        cursor.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    connection.close()
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = off')
        connection.close()


@contextmanager
def a_database_that_is_away() -> Iterator[None]:
    """Nobody listens where it was."""
    named = connections.settings["default"]
    kept = {name: named[name] for name in ("HOST", "PORT")}
    connection.close()
    named.update(HOST="127.0.0.1", PORT="1")
    try:
        yield
    finally:
        connection.close()
        named.update(kept)
