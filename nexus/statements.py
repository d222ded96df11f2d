"""Statements that are asked often: prepared once per connection, one round trip each.

Packages keep theirs as SQL functions in files, which their migrations install: CREATE OR REPLACE, so all of a folder
may be run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_names: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()
"""What is prepared on each connection. A thread's connection is its own, so nobody else is in its dictionary."""


def source(folder: Path) -> str:
    """Every function of a folder, in the order of the file names."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))


def rows(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> list[dict[str, Any]]:
    """Run one statement; return its rows by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def hot(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one hot statement; return its rows as they come: JSON stays text.

    It is prepared once per connection: Django's own cursors send the text each time, and Postgres plans it again.
    Errors are Django's. Where somebody counts statements it goes the usual way, so that it is counted. Its parameters
    are placeholders (%s) and nothing else is written with a percent sign.
    """
    ours = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` looks it up with every word that follows it
    if ours.queries_logged:
        with ours.cursor() as cursor:
            cursor.execute(statement, params)
            return cast(list[tuple[Any, ...]], cursor.fetchall())
    ours.close_if_health_check_failed()  # as Django's own cursors begin
    ours.ensure_connection()
    with ours.wrap_database_errors:
        return _prepared(ours.connection, statement, params)


def _prepared(raw: psycopg.Connection[Any], statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run `statement` by its name at the server.

    libpq itself waits for the answer here, without the interpreter's lock. psycopg's cursor would weigh anew whether to
    prepare, and step through generators: a third of what a worker spent on a task. psycopg prepares nothing beside
    this (Django forbids it unless a setting allows it): after a ROLLBACK it would take back what everybody prepared.
    """
    at = raw.pgconn
    if not raw.autocommit and at.transaction_status == TransactionStatus.IDLE:
        if (raw.isolation_level, raw.read_only, raw.deferrable) != (None, None, None):
            with psycopg.Cursor(raw) as first:  # psycopg knows how such a transaction begins
                return first.execute(statement, params).fetchall()
        _checked(raw, at.exec_(b"BEGIN"))
    names = _names.setdefault(raw, {})
    if (name := names.get(statement)) is None:
        name = f"hot_{len(names)}".encode()
        numbered = "".join(f"${place}{part}" if place else part for place, part in enumerate(statement.split("%s")))
        _checked(raw, at.prepare(name, numbered.encode()))
        names[statement] = name
    through = Transformer.from_context(raw)
    sent = through.dump_sequence(params, [PyFormat.TEXT] * len(params))
    result = _checked(raw, at.exec_prepared(name, cast(Sequence[bytes], sent)))  # None is NULL: the stub forgets it
    while told := at.notifies():  # what LISTEN has brought meanwhile, as psycopg hands it on
        if at.notify_handler:
            at.notify_handler(told)
    through.set_pgresult(result)
    return through.load_rows(0, result.ntuples, tuple)


def _checked(raw: psycopg.Connection[Any], result: PGresult) -> PGresult:
    if raw.pgconn.status == ConnStatus.BAD:  # as psycopg says it: libpq has no SQLSTATE for this
        raise psycopg.OperationalError(f"the connection is lost: {raw.pgconn.get_error_message()}")
    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise psycopg.errors.error_from_result(result, raw.info.encoding)
    return result


def one(statement: str, params: Sequence[Any]) -> tuple[Any, ...]:
    """Run one hot statement that answers one row; return that."""
    (row,) = hot(statement, params)
    return row


def count(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> int:
    """Run one statement that changes rows; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)
