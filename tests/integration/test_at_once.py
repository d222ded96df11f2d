"""Whoever files a run rings its first doorbell, where everybody is idle."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime

import pytest
import redis
from django.db import transaction

from nexus import engine
from nexus.conf import dials
from nexus.dispatch import at_once
from nexus.dispatch.dispatcher import dispatch_once
from nexus.execution.runner import run_one
from nexus.queues import bells
from nexus.queues.wire import ring_id
from nexus.tasks import transitions
from tests.support.rivals import wait_for
from tests.support.runs import ALICE, claimed, spec, submitted, task
from tests.support.web_process import NOBODY_LISTENS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _rung_at_once(settings, monkeypatch):
    settings.NEXUS = settings.NEXUS | {"RING_AT_ONCE": True}
    dials.cache_clear()
    bells.client.cache_clear()
    monkeypatch.setattr(at_once, "_ringer", at_once._Ringer())
    yield
    dials.cache_clear()
    bells.client.cache_clear()


@pytest.fixture
def broker(valkey_flushed):
    with redis.Redis.from_url(valkey_flushed) as client:
        yield client


def lying(broker: redis.Redis, queue: str = "nexus.agents") -> list[dict]:
    return [json.loads(raw) for raw in reversed(broker.lrange(f"nx:{queue}", 0, -1))]


def test_a_run_that_finds_everybody_idle_is_rung_by_who_files_it(broker):
    run = submitted(spec("a"), spec("b", after=("a",)), spec("c", "test.tool", after=("a",)))
    wait_for(lambda: lying(broker), what="the doorbell")
    assert dispatch_once() == 0
    [bell] = lying(broker)
    first = task(run, "a")
    assert bell["headers"]["id"] == ring_id(task_id=first.pk, rings=0)
    assert json.loads(b64decode(bell["body"]))[1] == {"task": first.pk, "queue": "nexus.agents", "at": 0.0}
    assert first.rings == 1
    assert (first.ring_at - first.created_at).total_seconds() == dials().ring_again_after
    [canvas] = engine.canvases(run.pk)
    ring = {"task": first.pk, "key": "a", "queue": "nexus.agents", "id": f"{first.pk}.0"}
    assert (canvas.kind, canvas.shape) == ("single", {"rings": [ring], "body": None, "carries": ["a"]})


def test_its_canvas_is_the_one_that_a_dispatcher_would_have_told(broker, settings):
    graph = [
        spec("a"),
        spec("b", after=("a",)),
        spec("c", after=("b",)),
        spec("d", after=("c",)),
        spec("e", after=("c",)),
    ]

    by_filer = submitted(*graph)
    claimed(by_filer, "a")
    settings.NEXUS = settings.NEXUS | {"RING_AT_ONCE": False}
    dials.cache_clear()
    by_dispatcher = submitted(*graph)
    assert dispatch_once() == 1
    [told], [other] = engine.canvases(by_filer.pk), engine.canvases(by_dispatcher.pk)
    assert told.shape["carries"] == ["a", "b", "c"]
    for ring in (*told.shape["rings"], *other.shape["rings"]):
        assert ring.pop("id") == f"{ring.pop('task')}.0"
    assert (told.kind, told.shape) == (other.kind, other.shape)


def test_nothing_is_rung_before_the_commit_and_nothing_that_was_rolled_back(broker):
    with transaction.atomic():
        engine.submit(tenant="acme", subject="WO-TEST", tasks=[spec("gone")])
        transaction.set_rollback(True)
    submitted(spec("one", "test.tool"))
    wait_for(lambda: lying(broker, "nexus.tools"), what="the doorbell of the one that stays")
    assert lying(broker) == []


def test_where_somebody_waits_a_dispatcher_rings_for_all(broker):
    first, second = submitted(spec("one")), submitted(spec("two"))
    wait_for(lambda: lying(broker), what="the first doorbell")
    assert (task(first, "one").rings, task(second, "two").rings) == (1, 0)
    assert dispatch_once() == 1
    assert [bell["headers"]["id"] for bell in lying(broker)] == [
        f"{task(first, 'one').pk}.0", f"{task(second, 'two').pk}.0"
    ]  # fmt: skip


def test_while_somebody_is_at_work_a_dispatcher_rings(broker):
    held = claimed(submitted(spec("one")), "one")
    assert task(submitted(spec("two", "test.tool")), "two").rings == 0
    assert dispatch_once() == 1
    run_one(held, holder=ALICE)
    assert task(submitted(spec("three")), "three").rings == 1


def test_while_the_broker_is_away_a_dispatcher_rings(settings, monkeypatch):
    given_back = []
    give_back = transitions.give_back_bells
    monkeypatch.setattr(transitions, "give_back_bells", lambda ids: given_back.append(give_back(ids)))
    settings.REDIS_URL = NOBODY_LISTENS
    run = submitted(spec("one"))
    wait_for(lambda: given_back, what="the bell to be given back")
    left = task(run, "one")
    assert left.rings == 0
    assert (left.ring_at - left.created_at).total_seconds() < dials().ring_again_after / 2
    assert at_once._ringer.is_away
    other = task(submitted(spec("two", "test.tool")), "two")
    assert (other.rings, other.ring_at <= other.created_at) == (0, True)


@pytest.mark.parametrize(
    "specs",
    [
        [spec("a"), spec("b")],
        [spec("a", not_before=datetime(2999, 1, 1, tzinfo=UTC))],
        [spec("a", exclusive="key")],
        [spec("a"), spec("b", "test.tool", after=("a",))],
    ],
    ids=["two begin", "later", "alone with its key", "a chain"],
)
def test_what_needs_more_than_one_doorbell_is_left_to_a_dispatcher(broker, specs):
    submitted(*specs)
    assert engine.tasks.filter(rings__gt=0).count() == 0


def test_several_at_once_are_left_to_a_dispatcher(broker):
    asked = [engine.Submission(tenant="acme", subject=f"WO-{n}", tasks=[spec("one")]) for n in range(2)]
    engine.submit_many(asked)
    assert engine.tasks.filter(rings=0).count() == 2
    assert dispatch_once() == 2


def test_a_worker_takes_a_task_that_was_rung_at_once_whoever_was_rung(broker):
    run = submitted(spec("one"))
    held = transitions.claim_next("nexus.agents", ALICE)
    assert held is not None
    assert held.task_id == task(run, "one").pk


def test_a_bell_that_the_broker_refuses_is_given_back(broker, monkeypatch):
    submitted(spec("one", "test.tool"))
    wait_for(lambda: at_once._ringer._unwaited._socket, what="a connection on which nobody waits")
    broker.set("nx:nexus.agents", "no list")
    given_back = []
    give_back = transitions.give_back_bells
    monkeypatch.setattr(transitions, "give_back_bells", lambda ids: given_back.append(give_back(ids)))
    refused = submitted(spec("two"))
    wait_for(lambda: given_back, what="the bell to be given back")
    assert task(refused, "two").rings == 0
