"""Commands to Redis that nobody waits for: they go at once or not at all, and a refusal is heard."""

from __future__ import annotations

import os
import socket

import pytest
import redis

from nexus.queues.unwaited import Unwaited
from tests.support.rivals import wait_for


@pytest.fixture
def broker(valkey_flushed):
    with redis.Redis.from_url(valkey_flushed) as client:
        yield client


@pytest.fixture
def unwaited(broker):
    with redis.Redis.from_url(os.environ["REDIS_URL"], client_name="unwaited") as client:
        made = Unwaited()
        made.connect(client)
        yield made
        made.close()


def test_what_is_sent_arrives_in_order(broker, unwaited):
    assert unwaited.send(("RPUSH", "nx:t", "1"), ("RPUSH", "nx:t", "2"))
    assert unwaited.send(("RPUSH", "nx:t", "3"))
    assert unwaited.is_answered(within=10)
    assert broker.lrange("nx:t", 0, -1) == [b"1", b"2", b"3"]


def test_without_a_connection_nothing_goes(broker, unwaited):
    assert not Unwaited().send(("RPUSH", "nx:t", "1"))
    unwaited.close()
    assert not unwaited.send(("RPUSH", "nx:t", "1"))
    assert not unwaited.is_answered(within=10)
    assert not broker.exists("nx:t")


def test_a_refusal_is_heard_and_ends_the_connection(broker, unwaited):
    broker.set("nx:t", "no list")
    assert unwaited.send(("RPUSH", "nx:t", "1"))
    assert not unwaited.is_answered(within=10)
    assert not unwaited.send(("PUBLISH", "nx:u", "1"))


def test_a_refusal_that_nobody_asked_about_is_heard_before_the_next(broker, unwaited):
    broker.set("nx:t", "no list")
    assert unwaited.send(("RPUSH", "nx:t", "1"))
    wait_for(lambda: not unwaited.send(("RPUSH", "nx:other", "1")), what="the refusal")


def test_a_connection_that_the_broker_has_closed_takes_nothing(broker, unwaited):
    [ours] = [one["id"] for one in broker.client_list() if one["name"] == "unwaited"]
    broker.client_kill_filter(_id=ours)
    assert not unwaited.send(("RPUSH", "nx:t", "1"))


def test_nobody_waits_for_a_broker_that_does_not_answer(broker, unwaited):
    broker.client_pause(timeout=20_000, all=False)
    try:
        assert unwaited.send(("RPUSH", "nx:t", "1"))
        assert not unwaited.is_answered(within=0.05)
        assert not unwaited.send(("RPUSH", "nx:t", "2"))
    finally:
        broker.client_unpause()


def test_what_is_too_much_to_go_at_once_does_not_go(broker, unwaited):
    assert not unwaited.send(("RPUSH", "nx:t", "x" * 20_000))
    assert unwaited.send(("RPUSH", "nx:t", "1"))
    assert unwaited.is_answered(within=10)
    assert broker.lrange("nx:t", 0, -1) == [b"1"]


def test_a_broker_that_takes_nothing_is_not_waited_for(unwaited):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        unwaited._socket = ours
        sent = [unwaited.send(("RPUSH", "nx:t", "x" * 16_000)) for _ in range(1_000)]
    assert sent[0]
    assert not sent[-1]


def test_a_forked_child_leaves_its_parents_connection_alone(broker, unwaited):
    child = os.fork()
    if child == 0:
        os._exit(7 if unwaited.send(("RPUSH", "nx:t", "child")) else 0)
    assert os.waitpid(child, 0)[1] == 0
    assert unwaited.send(("RPUSH", "nx:t", "parent"))
    assert unwaited.is_answered(within=10)
    assert broker.lrange("nx:t", 0, -1) == [b"parent"]
