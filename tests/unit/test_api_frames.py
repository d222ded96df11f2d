"""What a listener is sent, letter for letter."""

from __future__ import annotations

import asyncio
import json

import pytest

from apps.live import feed, sockets, sse
from apps.live.hub import Ear, Pass

EVENT = {
    "seq": 7,
    "kind": "task.completed",
    "task": "draft",
    "data": {"text": "line\nline\r\n\u2028 消息"},
    "at": "2026-02-17T09:30:00+00:00",
}


def test_an_event_has_its_seq_as_id_and_one_line_of_data():
    lines = sse.spelt(feed.Happened(EVENT)).split("\n")

    assert lines[:2] == ["id: 7", "event: task.completed"]
    assert json.loads(lines[2].removeprefix("data: ")) == EVENT
    assert lines[3:] == ["", ""]


def test_words_have_no_id_so_that_a_reconnect_does_not_skip_events():
    assert sse.spelt(feed.Words("draft", "# Re\n")) == 'event: delta\ndata: {"task":"draft","delta":"# Re\\n"}\n\n'


def test_silence_is_a_comment_and_the_end_has_a_name():
    assert sse.spelt(feed.Quiet()) == ": keep-alive\n\n"
    assert sse.spelt(feed.Done(41)) == 'event: done\ndata: {"last_seq":41}\n\n'


def test_a_socket_is_told_the_same_as_json():
    assert sockets.spelt(feed.Happened(EVENT)) == {"type": "event", "event": EVENT}
    assert sockets.spelt(feed.Words("draft", "x")) == {"type": "delta", "task": "draft", "delta": "x"}
    assert sockets.spelt(feed.Done(41)) == {"type": "done", "last_seq": 41}
    assert sockets.spelt(feed.Quiet()) is None


async def test_hints_that_nobody_took_become_one():
    ear = Ear(1, Pass())

    for seq in (3, 9, 5):
        ear.hear(seq)

    assert await ear.wait(5)
    assert ear.seq == 9
    assert not await ear.wait(0.001)


async def test_old_words_go_first_when_nobody_takes_them():
    ear = Ear(1, Pass())

    for number in range(1_000):
        ear.hear_words({"task": "draft", "delta": str(number)})

    assert ear.words[-1]["delta"] == "999"
    assert len(ear.words) < 1_000


async def test_a_shut_ear_wakes_its_owner():
    ear = Ear(1, Pass())
    waiting = asyncio.create_task(ear.wait(5))

    ear.close()

    assert await waiting
    assert ear.shut


@pytest.mark.parametrize(
    "accept", ["text/event-stream", "text/event-stream, */*", "application/json;q=0.5, Text/Event-Stream;q=1"]
)
def test_a_stream_is_for_who_asks_for_one(accept, rf):
    assert sse.wanted(rf.get("/", headers={"Accept": accept}))


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html"])
def test_everybody_else_reads_json(accept, rf):
    assert not sse.wanted(rf.get("/", headers={"Accept": accept}))
