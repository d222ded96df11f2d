"""Dispatchers are called when there is something to ring, and not for what a worker does by itself."""

from __future__ import annotations

import contextlib
import math
import threading

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from nexus import engine
from nexus.conf import dials
from nexus.execution.runner import run_one
from nexus.tasks import waking
from nexus.tasks.waking import AT_MOST_EVERY, CHANNEL
from tests.support.rivals import wait_for
from tests.support.runs import ALICE, claimed, spec, submitted, task

pytestmark = pytest.mark.django_db(transaction=True)


def rested() -> None:
    """Wait until this process may call the dispatchers again."""
    threading.Event().wait(2 * AT_MOST_EVERY)


@contextlib.contextmanager
def an_ear():
    """Hears who calls the dispatchers. A connection outside the pool: psycopg hands Django's to nobody meanwhile."""
    address = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: address[name] for name in names}, autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        rested()
        yield ear


def is_called(ear: psycopg.Connection, *, within: float = 10) -> bool:
    return bool(list(ear.notifies(timeout=within, stop_after=1)))


def test_dispatchers_are_called_when_a_run_is_committed_and_when_a_worker_leaves_siblings_behind():
    with an_ear() as ear:
        run = submitted(spec("a"), spec("s0", after=("a",)), spec("s1", after=("a",)))
        assert is_called(ear)
        rested()
        run_one(claimed(run, "a"), holder=ALICE, go_on=True)
        assert is_called(ear)
        assert task(run, "s1").ring_at <= timezone.now()


def test_a_thread_that_sleeps_since_nobody_used_it_is_woken(monkeypatch):
    monkeypatch.setattr(waking, "IDLE_AFTER", 0.05)
    with an_ear() as ear:
        for run_id in (1, 2):
            waking.wake_later(run_id, 0.01)
            assert is_called(ear)
            wait_for(lambda: waking._later._looks_at == math.inf, what="the thread to fall asleep")
            rested()


def test_nobody_is_called_for_siblings_of_a_run_that_has_ended_by_then(settings):
    settings.NEXUS = settings.NEXUS | {"HEAD_START": 1.0}
    dials.cache_clear()
    try:
        run = submitted(spec("a"), spec("s0", after=("a",)), spec("s1", after=("a",)))
        with an_ear() as ear:
            held = claimed(run, "a")
            while held is not None:
                held = run_one(held, holder=ALICE, go_on=True)
            assert engine.runs.get(pk=run.pk).state == "completed"
            assert not is_called(ear, within=1.5)
    finally:
        dials.cache_clear()
