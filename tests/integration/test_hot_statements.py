"""Statements by name: they are part of Django's transactions, and fail as its own do."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, transaction

from nexus import statements

pytestmark = pytest.mark.django_db(transaction=True)
WRITE = "INSERT INTO nexus_dispatcher (name, seen_at) VALUES (%s, now()) RETURNING name"
COUNT = "SELECT count(*) FROM nexus_dispatcher WHERE name = %s"
DIVIDE = "SELECT 1 / %s::int"


def there(name: str) -> int:
    return int(statements.one(COUNT, [name])[0])


def test_what_begins_a_transaction_is_kept_with_it_and_undone_with_it():
    with transaction.atomic():
        statements.one(WRITE, ["kept"])
        with connection.cursor() as cursor:  # Django's own go on in it
            cursor.execute("SELECT count(*) FROM nexus_dispatcher WHERE name = 'kept'")
            assert cursor.fetchone() == (1,)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        statements.one(WRITE, ["undone"])
        raise ZeroDivisionError
    assert (there("kept"), there("undone")) == (1, 0)


def test_an_error_in_what_begins_a_transaction_is_djangos_and_the_next_one_begins_anew():
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        statements.one(DIVIDE, [0])
    with transaction.atomic():
        statements.one(WRITE, ["after"])
    assert there("after") == 1


def test_a_connection_that_was_lost_meanwhile_is_said_and_replaced():
    statements.one(COUNT, ["anybody"])
    address = connection.get_connection_params()
    with psycopg.connect(**{name: address[name] for name in ("host", "port", "user", "password", "dbname")}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    with pytest.raises(OperationalError), transaction.atomic():
        statements.one(WRITE, ["lost"])
    connection.close()
    assert there("lost") == 0
