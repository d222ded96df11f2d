"""The live feed through a real server: what a listener is told is the table, in order, each event once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import Any

import pytest
import redis
from django.db import connection, transaction

from apps.live import feed, hub, sockets
from apps.live.lines import Line
from apps.live.reel import KEPT
from apps.live.table import AT_ONCE
from nexus import engine
from nexus.events import hint
from nexus.events.append import Said, append
from tests.support.outages import a_database_that_is_away
from tests.support.people import ORDERS, Cast, a_cast, order
from tests.support.rivals import wait_for, wait_until_blocked
from tests.support.web import Web, ears, running, told, waiters

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running() as server:
        yield server


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def say(public_id: str, count: int = 1) -> None:
    """Let something happen to the order."""
    for number in range(count):
        with transaction.atomic():
            engine.tell(run_id=order(public_id).run_id, kind="test.said", data={"number": number})


def table(cast: Cast, public_id: str) -> list[dict[str, Any]]:
    return list(cast.alice.get(f"{ORDERS}/{public_id}/events").json()["results"])


def test_a_stream_tells_what_was_and_then_what_happens_until_the_end(web, cast):
    filed = cast.alice.files()
    say(filed, 3)

    with web.stream(filed, cast.bob) as stream:
        frames = stream.frames()
        before = list(islice(frames, len(table(cast, filed))))
        say(filed, 2)
        cast.alice.post(f"{ORDERS}/{filed}/cancel")
        after = list(frames)

    assert stream.answer.headers["Content-Type"] == "text/event-stream"
    assert stream.answer.headers["Cache-Control"] == "no-cache"
    assert stream.answer.headers["X-Accel-Buffering"] == "no"
    assert [frame["data"] for frame in (*before, *after[:-1])] == table(cast, filed)
    assert all(frame["id"] == str(frame["data"]["seq"]) for frame in (*before, *after[:-1]))
    assert after[-1] == {"event": "done", "data": {"last_seq": table(cast, filed)[-1]["seq"]}}


def test_a_socket_tells_the_same(web, cast):
    filed = cast.alice.files()

    with web.socket(filed, cast.bob) as socket:
        say(filed, 3)
        cast.alice.post(f"{ORDERS}/{filed}/cancel")
        frames = list(until_done(socket))

    assert [frame["event"] for frame in frames] == table(cast, filed)


@pytest.mark.parametrize("door", ["stream", "socket", "plain socket"])
def test_a_client_that_is_cut_five_times_ends_with_exactly_the_table(web, cast, door):
    filed = cast.alice.files()
    seen: list[dict[str, Any]] = []

    for cut in range(5):
        say(filed, 2)
        seen += listen(web, cast, door, filed, after=seen[-1]["seq"] if seen else 0, count=1 + cut % 2)
    cast.alice.post(f"{ORDERS}/{filed}/cancel")
    seen += listen(web, cast, door, filed, after=seen[-1]["seq"], count=None)

    assert seen == table(cast, filed)
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))


@pytest.mark.parametrize("door", ["stream", "socket", "plain socket"])
def test_a_feed_longer_than_one_reading_has_no_seam(web, cast, door):
    filed = cast.alice.files()
    with transaction.atomic():
        append(order(filed).run_id, *(Said(kind="test.said") for _ in range(2 * AT_ONCE)))
    cast.alice.post(f"{ORDERS}/{filed}/cancel")

    seen = listen(web, cast, door, filed, after=0, count=None)

    assert [event["seq"] for event in seen] == list(range(1, order(filed).run.last_seq + 1))


@pytest.mark.parametrize(("compression", "unused"), [(None, "message"), ("deflate", "frame")])
def test_a_socket_without_compression_is_written_to_past_asgi(web, cast, monkeypatch, compression, unused):
    monkeypatch.setattr(Line, unused, None)  # to send it breaks the socket
    filed = cast.alice.files()
    say(filed, 5)

    with web.socket(filed, cast.bob, compression=compression) as socket:
        cast.alice.post(f"{ORDERS}/{filed}/cancel")
        assert [frame["event"] for frame in until_done(socket)] == table(cast, filed)


def test_who_waits_is_written_to_without_being_woken(web, cast, monkeypatch):
    filed = cast.alice.files()
    before = order(filed).run.last_seq
    with ExitStack() as open_ones:
        waiting = [
            open_ones.enter_context(web.socket(filed, cast.bob, after=before - 1, compression=None)) for _ in range(3)
        ]
        assert [told(socket)["event"]["seq"] for socket in waiting] == [before] * 3
        wait_for(lambda: waiters(order(filed).run_id) == 3, what="everybody to wait")
        monkeypatch.setattr(sockets, "tell", None)  # to be woken breaks the socket
        say(filed, 2)
        live = [[told(socket)["event"] for _ in range(2)] for socket in waiting]
        monkeypatch.undo()
        waiting[0].send(json.dumps({"type": "resume", "after": before}))
        again = [told(waiting[0])["event"] for _ in range(2)]

    assert [*live, again] == [table(cast, filed)[before:]] * 4


def test_a_client_that_reads_nothing_holds_nobody_up_and_misses_nothing(web, cast):
    filed = cast.alice.files()
    before = order(filed).run.last_seq
    with web.socket(filed, cast.alice, after=before, compression=None, max_queue=1) as lazy:
        for _ in range(4):
            with transaction.atomic():
                append(order(filed).run_id, *(Said(kind="test.said", data={"x": "y" * 4000}) for _ in range(KEPT)))
        cast.alice.post(f"{ORDERS}/{filed}/cancel")
        quick = listen(web, cast, "plain socket", filed, after=before, count=None)
        slow = [frame["event"] for frame in until_done(lazy)]

    assert [event["seq"] for event in slow] == list(range(before + 1, order(filed).run.last_seq + 1))
    assert slow == quick


def test_the_browsers_memory_is_stronger_than_the_pages_question(web, cast):
    filed = cast.alice.files()
    say(filed, 4)

    with web.stream(filed, cast.alice, after=0, last_event_id=3) as stream:
        assert next(stream.frames())["data"]["seq"] == 4
        assert ears(order(filed).run_id) == 1
    wait_for(lambda: ears(order(filed).run_id) == 0, what="the listener to be gone")


def test_words_reach_both_doors_and_have_no_seq(web, cast, redis_url):
    filed = cast.alice.files()
    seen = order(filed).run.last_seq

    with web.socket(filed, cast.alice, after=seen) as socket, web.stream(filed, cast.alice, after=seen) as stream:
        speak(redis_url, order(filed).run_id, "# Release", listeners=2)
        heard, frame = told(socket), next(stream.frames())

    assert heard == {"type": "delta", "task": "draft", "delta": "# Release"}
    assert frame == {"event": "delta", "data": {"task": "draft", "delta": "# Release"}}


def test_a_lost_hint_loses_no_event(web, cast, monkeypatch):
    filed = cast.alice.files()
    with web.socket(filed, cast.alice, after=order(filed).run.last_seq) as socket:
        monkeypatch.setattr(hint, "publish", lambda message: None)
        say(filed)

        assert told(socket, within=3 * hub.SWEEP_EVERY)["event"]["kind"] == "test.said"


def test_without_redis_the_table_is_read(web, cast, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    filed = cast.alice.files()
    with web.socket(filed, cast.alice, after=order(filed).run.last_seq) as socket:
        say(filed)

        assert told(socket, within=3 * hub.SWEEP_EVERY)["event"]["kind"] == "test.said"


def test_a_redis_that_comes_back_is_listened_to_again(web, cast, redis_url, monkeypatch):
    filed = cast.alice.files()
    monkeypatch.setattr(hub, "SWEEP_EVERY", 60.0)  # so that only a hint can be in time
    with (
        web.socket(filed, cast.alice, after=order(filed).run.last_seq) as socket,
        redis.Redis.from_url(redis_url) as client,
    ):
        wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 1, what="the subscription")
        client.client_kill_filter(_type="pubsub")
        wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 1, what="the next subscription")
        say(filed)

        assert told(socket, within=5)["event"]["kind"] == "test.said"


def test_all_listeners_of_a_process_share_one_subscription(web, cast, redis_url):
    filed = [cast.alice.files(f"Order {number}") for number in range(3)]

    with redis.Redis.from_url(redis_url) as client:
        with ExitStack() as open_ones:
            for one in filed * 4:
                open_ones.enter_context(web.socket(one, cast.alice, after=99))
            wait_for(lambda: [ears(order(one).run_id) for one in filed] == [4, 4, 4], what="all listeners")
            wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 1, what="one subscription")
        wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 0, what="no subscription")


@pytest.mark.slow
def test_an_idle_socket_stays_open_and_its_hub_subscribed(web, cast, monkeypatch):
    filed = cast.alice.files()
    monkeypatch.setattr(hub, "SWEEP_EVERY", 60.0)
    with web.socket(filed, cast.alice, after=order(filed).run.last_seq) as socket:
        with pytest.raises(TimeoutError):
            socket.recv(timeout=7)  # longer than the client library's own idea of a slow answer
        say(filed)

        assert told(socket, within=5)["event"]["kind"] == "test.said"


def test_silence_is_broken_by_a_comment(web, cast, monkeypatch):
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.2)
    filed = cast.alice.files()

    with web.stream(filed, cast.alice, after=order(filed).run.last_seq) as stream:
        first = list(islice(stream.answer.iter_lines(), 4))

    assert first == ["retry: 3000", "", ": keep-alive", ""]


def test_a_listener_outlives_a_database_that_is_away(web, cast, monkeypatch):
    monkeypatch.setattr(feed, "LOOK_AGAIN_AFTER", 0.2)
    filed = cast.alice.files()
    run = order(filed).run

    with web.socket(filed, cast.alice, after=run.last_seq) as socket:
        wait_for(lambda: ears(run.pk) == 1, what="the listener")
        with a_database_that_is_away():
            hint.publish({"run": run.pk, "seq": run.last_seq + 1})  # look: and there is nothing to look at
            with pytest.raises(TimeoutError):
                socket.recv(timeout=1)
        say(filed)

        assert told(socket)["event"]["kind"] == "test.said"


@pytest.mark.parametrize("door", ["stream", "socket"])
def test_a_run_that_ends_while_a_reader_asks_is_told_to_its_end(web, cast, door):
    filed = cast.alice.files()
    before = order(filed).run.last_seq
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE nexus_event IN ACCESS EXCLUSIVE MODE")
            engine.cancel.__wrapped__(run_id=order(filed).run_id)  # type: ignore[attr-defined]  # in our transaction
            # The reader comes while the run is open, and waits for the events until all this is there: what it reads
            # of the run and of the events must be of one moment.
            told = pool.submit(listen, web, cast, door, filed, after=before - 1, count=None)
            wait_until_blocked()
        seen = told.result(8)

    assert [event["seq"] for event in seen] == list(range(before, order(filed).run.last_seq + 1))


def listen(web: Web, cast: Cast, door: str, filed: str, *, after: int, count: int | None) -> list[dict[str, Any]]:
    """Read `count` events after `after`, or all until the end, and go without a word."""
    if "socket" in door:
        with web.socket(filed, cast.alice, after=after, compression="deflate" if door == "socket" else None) as socket:
            return [frame["event"] for frame in islice(until_done(socket), count)]
    with web.stream(filed, cast.alice, last_event_id=after) as stream:
        return [frame["data"] for frame in islice(stream.frames(), count) if frame["event"] != "done"]


def until_done(socket: Any) -> Iterator[dict[str, Any]]:
    while (frame := told(socket))["type"] != "done":
        yield frame


def speak(redis_url: str, run_id: int, text: str, *, listeners: int) -> None:
    """Publish words as a worker does, once the server listens."""
    with redis.Redis.from_url(redis_url) as client:
        wait_for(lambda: client.pubsub_numsub(engine.HINT)[0][1] == 1, what="the subscription")
        wait_for(lambda: ears(run_id) == listeners, what="all listeners")
        hint.publish({"run": run_id, "task": "draft", "delta": text})
