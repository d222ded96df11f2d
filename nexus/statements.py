"""Statements that are asked often: prepared once per connection, one round trip each.

Packages keep theirs as SQL functions in files, which their migrations install: CREATE OR REPLACE, so all of a folder
may be run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import psycopg
from django.db import connection


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
    Errors are Django's. Where somebody counts statements it goes the usual way, so that it is counted.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cast(list[tuple[Any, ...]], cursor.fetchall())
    connection.close_if_health_check_failed()  # as Django's own cursors begin
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as prepared:
        return prepared.execute(statement, params, prepare=True).fetchall()


def one(statement: str, params: Sequence[Any]) -> tuple[Any, ...]:
    """Run one hot statement that answers one row; return that."""
    (row,) = hot(statement, params)
    return row


def count(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> int:
    """Run one statement that changes rows; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)
