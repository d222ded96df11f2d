"""A pool child dies, and its worker finds out: at once, or so late that a sibling has the task by then."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from celery.exceptions import WorkerLostError
from kombu.asynchronous import Hub

from nexus.execution import celery_tasks
from nexus.leases.models import Lease
from nexus.tasks.claims import Holder
from nexus.upkeep.rescuer import rescue_once
from tests.support.rivals import wait_for
from tests.support.runs import claimed, spec, submitted

pytestmark = pytest.mark.django_db(transaction=True)
NODE, DELIVERY = "tools@here", "7.0"


@pytest.fixture(autouse=True)
def worker(monkeypatch) -> None:
    monkeypatch.setattr(celery_tasks._Worker, "node", "")
    celery_tasks.look_after_children(sender=SimpleNamespace(hostname=NODE, hub=None))


def held_by(pid: int, *, node: str = NODE) -> None:
    claimed(submitted(spec("one")), "one", Holder(worker=f"{node}/{pid}", delivery=DELIVERY))


def a_dead_process() -> int:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def found_out(error: Exception | None = None) -> bool:
    """Tell what Celery says of a lost child; was a lease ended by that?"""
    celery_tasks.end_leases_of_lost_child(task_id=DELIVERY, exception=error or WorkerLostError("signal 9"))
    rescue_once()
    return not Lease.objects.exists()


def test_what_it_held_is_free_at_once():
    held_by(a_dead_process())
    assert found_out()


def test_what_a_sibling_has_by_then_is_left_alone():
    held_by(os.getpid())
    assert not found_out()


def test_of_another_machine_it_says_nothing():
    held_by(a_dead_process(), node="tools@there")
    assert not found_out()


def test_a_task_that_fails_has_lost_no_child():
    held_by(a_dead_process())
    assert not found_out(ValueError("no"))


def test_a_worker_looks_for_the_dead_by_itself_and_after_a_reconnect_no_oftener(monkeypatch):
    monkeypatch.setattr(celery_tasks._Worker, "looking", None)
    monkeypatch.setattr(celery_tasks, "CHILDREN_EVERY", 0.01)
    hub, looks = Hub(), []
    sender = SimpleNamespace(hostname=NODE, hub=hub, pool=SimpleNamespace(maintain_pool=lambda: looks.append(1)))
    celery_tasks.look_after_children(sender=sender)
    first = celery_tasks._Worker.looking
    celery_tasks.look_after_children(sender=sender)
    assert (first.canceled, celery_tasks._Worker.looking.canceled) == (True, False)
    wait_for(lambda: hub.fire_timers() and len(looks) > 1, what="a second look")
    hub.close()
