"""The end of a run is told by who says it, behind what waits; where that cannot be, it waits behind that too."""

from __future__ import annotations

import json

import pytest
import redis

from nexus.events.hint import HINT, Message, _Teller
from nexus.lines import Line
from tests.support.rivals import wait_for

WORDS, END = {"run": 1, "delta": "so"}, {"run": 1, "seq": 3, "ended": True}


@pytest.fixture
def broker(valkey_flushed):
    with redis.Redis.from_url(valkey_flushed) as client:
        yield client


@pytest.fixture
def by_thread() -> list[Message]:
    return []


@pytest.fixture
def teller(broker, by_thread):
    """Its thread has handed on one message, and pauses for an hour but for what is urgent."""
    made = _Teller()
    made._unwaited.connect(broker)
    made._line = Line(by_thread.extend, name="test", most=100, pause=3600)
    made.say({"run": 1, "delta": "first"})
    wait_for(lambda: by_thread and not made._line._handing_on.locked(), what="the first message")
    made.say(WORDS)
    yield made
    made._unwaited.close()


def test_it_goes_out_at_once_behind_what_waits(broker, teller, by_thread):
    with broker.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(HINT)
        wait_for(lambda: broker.pubsub_numsub(HINT)[0][1] == 1, what="the subscription")
        teller.say(END)
        told: list[dict] = []

        def both() -> bool:
            if message := heard.get_message(timeout=0.1):
                told.append(json.loads(message["data"]))
            return len(told) == 2

        wait_for(both, what="both messages")
    assert told == [WORDS, END]
    assert len(by_thread) == 1


def test_without_a_connection_the_thread_tells_both_in_order(teller, by_thread):
    teller._unwaited.close()
    teller.say(END)
    wait_for(lambda: len(by_thread) == 3, what="what waited, and the end")
    assert [message for message, _ in by_thread[1:]] == [WORDS, END]
