"""What nobody can read ends no consumer: it is put aside, and the next message is delivered."""

from __future__ import annotations

import json
import socket
import time
from base64 import b64decode
from collections.abc import Iterator

import pytest
import redis
from celery import current_app
from kombu import Connection, Consumer, Message, Queue

import config.celery  # noqa: F401 - gives the scheme redis its transport
from nexus.queues import bells, transport, wire
from nexus.queues.catalog import NAMES, UNDELIVERABLE, kombu_queues


@pytest.fixture
def broker(valkey_flushed: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_flushed) as client:
        yield client


def consumed(url: str, count: int, *, stumbles_over: str = "") -> list[object]:
    """Consume until `count` good messages came."""
    heard: list[object] = []

    def hear(body: object, message: object) -> None:
        if stumbles_over and body == stumbles_over:
            raise KeyError("id")
        heard.append(body)
        message.ack()

    queue = Queue("t")
    with Connection(url) as connection, Consumer(connection, [queue], callbacks=[hear]):
        assert isinstance(connection.transport, transport.Transport)
        while len(heard) < count:
            connection.drain_events(timeout=10)
    return heard


def publish(url: str, *bodies: str) -> None:
    with Connection(url) as connection:
        for body in bodies:
            connection.Producer().publish(body, routing_key="t", exchange="", serializer="json")


@pytest.mark.parametrize("raw", [b"no json", b"\xff\xfe", b"{}", b"[]", b"7", b'{"properties": "x"}'])
def test_what_is_no_message_is_put_aside(broker, redis_url, raw, caplog):
    broker.lpush("t", raw)
    publish(redis_url, "good")
    assert consumed(redis_url, 1) == ["good"]
    assert broker.lrange(UNDELIVERABLE, 0, -1) == [raw]
    assert "unreadable message queue=t" in caplog.text


def test_what_a_consumer_stumbles_over_does_not_come_back(broker, redis_url):
    publish(redis_url, "bad", "good")
    assert consumed(redis_url, 1, stumbles_over="bad") == ["good"]
    assert broker.llen(UNDELIVERABLE) == 1
    assert broker.exists("unacked") == 0
    publish(redis_url, "later")
    assert consumed(redis_url, 1) == ["later"]


def test_a_flood_of_rubbish_does_not_fill_the_broker(broker, redis_url, monkeypatch):
    monkeypatch.setattr(transport, "KEPT", 3)
    broker.lpush("t", *(b"x" * 10_000 for _ in range(9)))
    publish(redis_url, "good")
    assert consumed(redis_url, 1) == ["good"]
    assert [len(one) for one in broker.lrange(UNDELIVERABLE, 0, -1)] == [transport.HEAD] * 3


def test_a_broker_that_is_away_is_no_message(broker, redis_url):
    queue = Queue("t")
    with Connection(redis_url) as connection, Consumer(connection, [queue], callbacks=[print]):
        with pytest.raises(socket.timeout):
            connection.drain_events(timeout=0.1)
        broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        with pytest.raises(connection.connection_errors):
            connection.drain_events(timeout=5)
    assert broker.llen(UNDELIVERABLE) == 0


def test_a_producer_whose_channel_was_closed_under_it_gets_a_new_one(broker, redis_url):
    with Connection(redis_url) as connection:
        producer = connection.Producer()
        producer.channel.close()
        again = {"max_retries": 2, "interval_start": 0}
        producer.publish("late", routing_key="t", exchange="", serializer="json", retry=True, retry_policy=again)
    assert consumed(redis_url, 1) == ["late"]


def test_a_doorbell_alone_is_the_message_that_celery_would_send(broker):
    link = {"task": 7, "queue": "nexus.agents", "id": "7.0"}
    # Whether the task is imported here is for other tests to decide: its limits are sent along where it is.
    current_app.send_task(
        wire.RING, kwargs={"task": 7, "queue": "nexus.agents", "at": 0.0}, queue="nexus.agents", task_id="7.0",
        ignore_result=True, time_limit=None, soft_time_limit=None,
    )  # fmt: skip
    bells.ring([link], looks=True)
    mine, celerys = (json.loads(one) for one in broker.lrange("nx:nexus.agents", 0, -1))

    assert mine.keys() == celerys.keys()
    assert mine["headers"].keys() == celerys["headers"].keys()
    assert mine["properties"].keys() == celerys["properties"].keys()
    own = ("origin", "kwargsrepr")
    assert {k: v for k, v in mine["headers"].items() if k not in own} == {
        k: v for k, v in celerys["headers"].items() if k not in own
    }
    args, kwargs, embedded = json.loads(b64decode(mine["body"]))
    assert [args, kwargs | {"at": 0.0}, embedded] == json.loads(b64decode(celerys["body"]))
    assert abs(kwargs["at"] - time.time()) < 60


def test_a_doorbell_is_written_down_by_nobody_and_acknowledged_for_nothing(broker, redis_url):
    (queue,) = (one for one in kombu_queues() if one.name == "nexus.agents")
    kept: list[bool] = []

    def hear(_: object, message: Message) -> None:
        kept.append(bool(broker.exists("unacked", "unacked_index")))
        message.ack()

    with Connection(redis_url) as connection:
        connection.Producer().publish("ring", routing_key=queue.name, exchange="", serializer="json")
        with Consumer(connection, [queue], callbacks=[hear]):
            connection.drain_events(timeout=10)
    assert kept == [False]


def test_empty_queues_are_asked_for_their_length_once_for_many_bells(broker):
    def asked() -> int:
        return int(broker.info("commandstats").get("cmdstat_llen", {"calls": 0})["calls"])

    bells._lists.seen_at = 0.0  # whatever was seen before
    first = asked()
    assert bells.room(64) == bells.room(64)
    assert asked() - first == len(NAMES)
