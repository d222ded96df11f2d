"""The worker's threads: who rested least works next."""

from __future__ import annotations

import threading
from queue import Empty

import pytest
from celery.concurrency import get_implementation

import config.celery  # noqa: F401 - names the pool
from nexus.execution.pool import LastFirst, TaskPool
from tests.support.rivals import wait_for


def test_a_worker_with_threads_has_this_pool():
    assert get_implementation("threads") is TaskPool


def test_who_began_to_wait_last_is_woken():
    queue, woken = LastFirst(), []

    def rest(name: str) -> None:
        queue.get()
        woken.append(name)

    for number, name in enumerate(("first", "second", "third"), start=1):
        threading.Thread(target=rest, args=(name,), daemon=True).start()
        wait_for(lambda number=number: len(queue._resting) == number, what="it to wait")
    for number in range(1, 4):
        queue.put("work")
        wait_for(lambda number=number: len(woken) == number, what="one to be woken")
    assert woken == ["third", "second", "first"]


def test_work_is_done_in_the_order_in_which_it_came():
    queue = LastFirst()
    for number in range(3):
        queue.put(number)
    assert [queue.get(), queue.get_nowait(), queue.get()] == [0, 1, 2]
    with pytest.raises(Empty):
        queue.get_nowait()


def test_all_threads_are_there_when_the_pool_has_started():
    pool = TaskPool(limit=4)
    pool.on_start()
    assert len(pool.executor._threads) == 4
    pool.on_stop()


def test_everything_is_done_once_and_the_pool_comes_to_its_end():
    pool = TaskPool(limit=4)
    done: list[int] = []
    applied = [pool.on_apply(lambda *args, **_: done.append(args[0]), (number,)) for number in range(200)]
    for one in applied:
        one.wait(20)
    assert sorted(done) == list(range(200))
    pool.on_stop()
    assert not any(thread.is_alive() for thread in pool.executor._threads)
