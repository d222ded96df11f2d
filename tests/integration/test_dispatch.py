"""Due rows become doorbells on the broker."""

from __future__ import annotations

import contextlib
import json
import threading

import pytest
import redis
from django.db import transaction

from nexus import engine
from nexus.conf import dials
from nexus.dispatch.dispatcher import dispatch_once
from nexus.execution import heartbeat
from nexus.execution.runner import deliver, run_one
from nexus.tasks import transitions
from nexus.upkeep.timers import publish_dead_letters
from tests.support.outages import a_database_that_is_away
from tests.support.rivals import Rival, wait_for
from tests.support.runs import ALICE, MALLORY, claimed, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


@contextlib.contextmanager
def full_broker(url: str):
    """A broker whose memory is used up, for the length of the block: it answers, and takes nothing."""
    with redis.Redis.from_url(url) as client:
        client.config_set("maxmemory", "1")
        try:
            yield
        finally:
            client.config_set("maxmemory", "0")


def messages(url: str, queue: str) -> list[dict]:
    """The doorbells that wait in a queue, oldest first."""
    with redis.Redis.from_url(url) as client:
        return [json.loads(raw) for raw in reversed(client.lrange(f"nx:{queue}", 0, -1))]


def test_a_due_task_is_rung_once_and_then_left_quiet(valkey_flushed):
    run = submitted(spec("one"))
    assert dispatch_once() == 1
    assert dispatch_once() == 0
    [bell] = messages(valkey_flushed, "nexus.agents")
    assert bell["headers"]["task"] == "nexus.ring"
    assert bell["headers"]["id"] == f"{task(run, 'one').pk}.0"
    assert task(run, "one").rings == 1


def test_a_straight_run_over_queues_travels_as_a_chain(valkey_flushed):
    run = submitted(spec("a"), spec("b", after=("a",)), spec("c", "test.tool", after=("b",)))
    dispatch_once()
    [canvas] = engine.canvases(run.pk)
    assert (canvas.kind, [link["key"] for link in canvas.shape["rings"]]) == ("chain", ["a", "c"])
    assert canvas.shape["carries"] == ["a", "b", "c"]


def test_a_fan_in_into_another_queue_travels_as_a_chord(valkey_flushed):
    run = submitted(*(spec(f"s{n}") for n in range(3)), spec("join", "test.tool", after=("s0", "s1", "s2")))
    dispatch_once()
    [canvas] = engine.canvases(run.pk)
    assert canvas.kind == "chord"
    bells = messages(valkey_flushed, "nexus.agents")
    assert [json.loads(json.dumps(bell["headers"]["id"])) for bell in bells] == [
        f"{task(run, key).pk}.0" for key in ("s0", "s1", "s2")
    ]
    assert messages(valkey_flushed, "nexus.tools") == []


def test_a_child_that_the_canvas_carries_is_left_to_celery_for_a_moment(valkey_flushed):
    run = submitted(spec("a"), spec("c", "test.tool", after=("a",)))
    dispatch_once()
    deliver(task_id=task(run, "a").pk, queue="nexus.agents", holder=ALICE)
    assert task(run, "c").state == "ready"
    assert dispatch_once() == 0


def test_a_flushed_broker_is_made_good(valkey_flushed):
    run = submitted(spec("one"))
    dispatch_once()
    with redis.Redis.from_url(valkey_flushed) as client:
        client.flushall()
    engine.tasks.filter(run=run).update(ring_at="2000-01-01T00:00Z")
    assert dispatch_once() == 1
    [bell] = messages(valkey_flushed, "nexus.agents")
    assert bell["headers"]["id"].endswith(".1")


def test_a_broker_that_takes_nothing_is_tried_again_soon_and_counts_no_bell(valkey_flushed):
    run = submitted(spec("one"))
    with full_broker(valkey_flushed):
        assert dispatch_once() == 1
    bell = task(run, "one")
    assert (bell.rings, bell.state) == (0, "ready")
    engine.tasks.filter(run=run).update(ring_at="2000-01-01T00:00Z")
    assert dispatch_once() == 1
    assert len(messages(valkey_flushed, "nexus.agents")) == 1


def test_what_somebody_else_holds_is_rung_and_not_waited_for(valkey_flushed):
    run = submitted(spec("a"), spec("c", "test.tool", after=("a",)))
    held = threading.Event()
    done = threading.Event()

    def hold():
        with transaction.atomic():
            engine.tasks.select_for_update().get(pk=task(run, "c").pk)
            held.set()
            done.wait(20)

    rival = Rival(hold)
    rival.start()
    held.wait(10)
    assert dispatch_once() == 1
    done.set()
    rival.ended()
    assert (task(run, "a").canvas_id is None, task(run, "c").canvas_id) == (False, None)


def test_a_delivery_waits_with_its_doorbell_until_the_database_is_back(valkey_flushed, caplog):
    run = submitted(spec("one"))
    named = task(run, "one").pk
    rival = Rival(lambda: deliver(task_id=named, queue="nexus.agents", holder=ALICE))
    with a_database_that_is_away():
        rival.start()
        wait_for(lambda: "delivery interrupted" in caplog.text, what="the delivery to find nobody")
    rival.ended()
    assert (task(run, "one").state, "given up" in caplog.text) == ("completed", False)


def test_a_delivery_that_waits_for_the_database_lets_go_when_its_worker_is_to_end(valkey_flushed, caplog, monkeypatch):
    monkeypatch.setattr(heartbeat, "_hearts", {})
    run = submitted(spec("one"))
    named = task(run, "one").pk
    rival = Rival(lambda: deliver(task_id=named, queue="nexus.agents", holder=ALICE))
    with a_database_that_is_away():
        rival.start()
        wait_for(lambda: "delivery interrupted" in caplog.text, what="the delivery to find nobody")
        heartbeat.heart().drain()
        rival.ended(within=dials().lease_for / 2)  # it would wait for a lease
    assert task(run, "one").state == "ready"


def test_a_worker_that_is_about_to_end_claims_nothing_more(valkey_flushed, monkeypatch):
    monkeypatch.setattr(heartbeat, "_hearts", {})
    run = submitted(spec("one"))
    heartbeat.heart().drain()
    deliver(task_id=task(run, "one").pk, queue="nexus.agents", holder=ALICE)
    assert (task(run, "one").state, task(run, "one").fence) == ("ready", 0)


def test_a_doorbell_for_nothing_takes_the_next_of_its_queue(valkey_flushed):
    first, second = submitted(spec("one")), submitted(spec("two"))
    gone = task(first, "one").pk
    deliver(task_id=gone, queue="nexus.agents", holder=ALICE)
    deliver(task_id=gone, queue="nexus.agents", holder=ALICE)
    assert {run.state for run in engine.runs.filter(pk__in=[first.pk, second.pk])} == {"completed"}


def test_a_paused_run_is_not_rung(valkey_flushed):
    run = submitted(spec("one"))
    engine.pause(run_id=run.pk)
    assert dispatch_once() == 0
    engine.resume(run_id=run.pk)
    assert dispatch_once() == 1


def test_a_worker_goes_on_in_its_queue_but_not_past_a_more_urgent_task(valkey_flushed):
    run = submitted(spec("a"), spec("b", after=("a",)), spec("c", after=("b",)))
    deliver(task_id=task(run, "a").pk, queue="nexus.agents", holder=ALICE)
    assert engine.runs.get(pk=run.pk).state == "completed"

    slow = submitted(spec("a"), spec("b", after=("a",)))
    held = claimed(slow, "a")
    urgent = submitted(spec("urgent"), priority=9)
    on = run_one(held, holder=ALICE, go_on=True)
    assert on is not None
    assert on.run_id == urgent.pk


def test_an_old_doorbell_is_answered_by_what_comes_first_now():
    old, younger = submitted(spec("one")), submitted(spec("one"))
    urgent = submitted(spec("one"), priority=9)
    deliver(task_id=task(younger, "one").pk, queue="nexus.agents", holder=ALICE)
    started = [task(run, "one").started_at for run in (urgent, old, younger)]
    assert started == sorted(started)


def test_a_more_urgent_task_of_a_paused_run_holds_nobody_up(valkey_flushed):
    slow = submitted(spec("a"), spec("b", after=("a",)))
    urgent = submitted(spec("urgent"), priority=9)
    engine.pause(run_id=urgent.pk)
    deliver(task_id=task(slow, "a").pk, queue="nexus.agents", holder=ALICE)
    assert (engine.runs.get(pk=slow.pk).state, task(urgent, "urgent").state) == ("completed", "ready")


def test_siblings_in_one_queue_are_gone_on_with_before_a_bell_is_spent_on_them(valkey_flushed):
    run = submitted(spec("a"), *(spec(f"s{n}", after=("a",)) for n in range(3)), spec("z", after=("s0", "s1", "s2")))
    held = claimed(run, "a")
    after = run_one(held, holder=ALICE, go_on=True)
    assert after is not None
    assert (after.key, states(run)) == (
        "s0", {"a": "completed", "s0": "running", "s1": "ready", "s2": "ready", "z": "pending"},
    )  # fmt: skip
    assert task(run, "s1").ring_at > task(run, "a").finished_at
    siblings = engine.tasks.filter(run=run).ready()
    siblings.update(ring_at="2999-01-01T00:00Z")
    assert transitions.claim_next("nexus.agents", MALLORY) is None
    while after is not None:
        after = run_one(after, holder=ALICE, go_on=True)
    assert engine.runs.get(pk=run.pk).state == "completed"
    assert messages(valkey_flushed, "nexus.agents") == []


def test_a_queue_that_lies_full_of_bells_gets_no_more(valkey_flushed, settings):
    settings.NEXUS = settings.NEXUS | {"MOST_BELLS": 3}
    dials.cache_clear()
    try:
        for _ in range(5):
            submitted(spec("one"))
        submitted(spec("two", "test.tool"))
        assert dispatch_once() == 3 + 1
        assert dispatch_once() == 0
        with redis.Redis.from_url(valkey_flushed) as client:
            client.rpop("nx:nexus.agents")
        assert dispatch_once() == 1
    finally:
        dials.cache_clear()


def test_a_dead_letter_is_published(valkey_flushed):
    run = work(submitted(spec("bad", "test.answers", input={"answer": "refused"})))
    assert publish_dead_letters() == 1
    assert publish_dead_letters() == 0
    with redis.Redis.from_url(valkey_flushed) as client:
        assert client.llen("nx:nexus.dead") == 1
    assert task(run, "bad").state == "failed"


def test_only_the_last_hint_of_a_run_says_that_it_has_ended(valkey_flushed):
    with redis.Redis.from_url(valkey_flushed) as client, client.pubsub() as ear:
        ear.subscribe(engine.HINT)
        wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 1, what="the subscription")
        run = submitted(spec("one", "test.answers", input={"answer": "done"}))
        deliver(task_id=task(run, "one").pk, queue="nexus.agents", holder=ALICE)
        heard: list[dict] = []

        def last() -> bool:
            while said := ear.get_message(ignore_subscribe_messages=True):
                heard.append(json.loads(said["data"]))
            return bool(heard) and heard[-1].get("ended", False)

        wait_for(last, what="the end")
    assert [one.get("ended", False) for one in heard if one["run"] == run.pk] == [True]
    assert heard[-1]["seq"] == engine.runs.get(pk=run.pk).last_seq


def test_a_bell_waits_for_others_only_while_somebody_holds_a_task(valkey_flushed):
    run = submitted(spec("one"), spec("two"))
    held = claimed(run, "one")
    assert dispatch_once(unless_at_work=True) is None
    assert messages(valkey_flushed, "nexus.agents") == []
    run_one(held, holder=ALICE)
    assert dispatch_once(unless_at_work=True) == 1
    assert len(messages(valkey_flushed, "nexus.agents")) == 1
