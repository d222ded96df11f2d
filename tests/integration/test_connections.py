"""Threads of one worker share a few connections to Postgres."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, connections, transaction

from nexus import connections as shared

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 2


@pytest.fixture
def two_for_all() -> Iterator[None]:
    before = dict(connections.settings["default"])
    shared.share(MOST)
    yield
    connection.close()
    connection.close_pool()
    connections.settings["default"].update(before)


@pytest.fixture
def hands() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as pool:
        yield pool


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def ended(act: Callable[[], object]) -> object:
    try:
        return act()
    finally:
        connection.close()


def test_who_waits_for_something_else_holds_none(two_for_all: None, hands: ThreadPoolExecutor) -> None:
    together = threading.Barrier(10)

    def wait() -> int:
        asked = ask()
        shared.hand_back()
        together.wait(20)  # passed only when all ten have asked
        return asked

    asked = [one.result() for one in [hands.submit(ended, wait) for _ in range(10)]]

    assert len(set(asked)) <= MOST


def test_a_transaction_keeps_its_connection(two_for_all: None) -> None:
    with transaction.atomic():
        first = ask()
        shared.hand_back()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned(), now() = statement_timestamp()")
            assert connection.in_atomic_block
        assert ask() == first


def test_a_thread_with_its_own_stands_in_no_line(two_for_all: None, hands: ThreadPoolExecutor) -> None:
    taken, done = threading.Barrier(MOST + 1), threading.Event()

    def hold() -> None:
        ask()
        taken.wait(20)
        done.wait(20)

    def beat() -> int:
        shared.keep_own()
        return ask()

    holding = [hands.submit(ended, hold) for _ in range(MOST)]
    taken.wait(20)
    try:
        assert hands.submit(ended, beat).result(10) > 0
    finally:
        done.set()
    for one in holding:
        one.result()


def test_a_database_that_is_away_is_an_operational_error_in_bounded_time(
    two_for_all: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "WAIT_FOR", 0.3)
    shared.share(MOST)
    monkeypatch.setitem(connections.settings["default"], "PORT", "1")
    began = time.monotonic()

    with pytest.raises(OperationalError):
        ask()

    assert time.monotonic() - began < 5


def test_where_nobody_shares_a_connection_stays(hands: ThreadPoolExecutor) -> None:
    before = ask()

    shared.hand_back()
    shared.keep_own()

    assert ask() == before
