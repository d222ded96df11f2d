"""What a listener is sent, letter for letter."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.frames import Frame, Opcode

from apps.live import feed, sse
from apps.live.hub import Ear, Pass
from apps.live.lines import of_end, of_event, of_words
from apps.live.reel import KEPT, Reel
from apps.live.table import Stretch

EVENT = {
    "seq": 7,
    "kind": "task.completed",
    "task": "draft",
    "data": {"text": "line\nline\r\n\u2028 消息"},
    "at": "2026-02-17T09:30:00+00:00",
}


def test_an_event_has_its_seq_as_id_and_one_line_of_data():
    lines = sse.spelt(feed.Told([of_event(EVENT)])).decode().split("\n")

    assert lines[:2] == ["id: 7", "event: task.completed"]
    assert json.loads(lines[2].removeprefix("data: ")) == EVENT
    assert lines[3:] == ["", ""]


def test_words_have_no_id_so_that_a_reconnect_does_not_skip_events():
    told = feed.Told([of_words("draft", "# Re\n")])

    assert sse.spelt(told) == b'event: delta\ndata: {"task":"draft","delta":"# Re\\n"}\n\n'


def test_silence_is_a_comment_and_the_end_has_a_name():
    assert sse.spelt(feed.Quiet()) == b": keep-alive\n\n"
    assert sse.spelt(feed.Told([of_end(41)])) == b'event: done\ndata: {"last_seq":41}\n\n'


def test_a_socket_is_told_the_same_as_json():
    assert json.loads(of_event(EVENT).text) == {"type": "event", "event": EVENT}
    assert json.loads(of_words("draft", "x").text) == {"type": "delta", "task": "draft", "delta": "x"}
    assert json.loads(of_end(41).text) == {"type": "done", "last_seq": 41}


@pytest.mark.parametrize("size", [0, 60, 61, 62, 1_000, 65_400, 65_536, 200_000])
def test_a_frame_is_what_the_websocket_library_makes_of_the_same_text(size):
    line = of_words("消", "x" * size)

    expected = Frame(Opcode.TEXT, line.text.encode()).serialize(mask=False)

    assert line.frame == expected


async def test_a_word_that_nobody_took_is_still_there():
    ear = Ear(Pass(), 0)

    ear.wake()
    ear.wake()

    assert await ear.wait(5)
    assert not await ear.wait(0.001)


async def test_old_words_go_first_when_nobody_takes_them():
    ear = Ear(Pass(), 0)

    for number in range(1_000):
        ear.hear_words(of_words("draft", str(number)))

    assert '"999"' in ear.words[-1].text
    assert len(ear.words) < 1_000


async def test_a_shut_ear_wakes_its_owner():
    ear = Ear(Pass(), 0)
    waiting = asyncio.create_task(ear.wait(5))

    ear.close()

    assert await waiting
    assert ear.shut


def piece(*seqs: int, last: int | None = None, final: bool = False) -> Stretch:
    lines = [of_event(EVENT | {"seq": seq}) for seq in seqs]
    return Stretch(lines=lines, last_seq=last if last is not None else seqs[-1], final=final)


def seqs(found: Stretch | None) -> list[int] | None:
    return None if found is None else [line.seq for line in found.lines]


def a_reel() -> tuple[Reel, list[bool]]:
    """With two who read at the same time, from different places."""
    woken: list[bool] = []
    reel = Reel(1, lambda: woken.append(True))
    reel.take(2, piece(3, 4))
    reel.take(0, piece(1, 2, 3, 4))
    reel.take(3, piece(4, 5, 6))
    return reel, woken


def test_pieces_that_overlap_are_kept_once_and_wake_once():
    reel, woken = a_reel()

    assert seqs(reel.after(2)) == [3, 4, 5, 6]
    assert seqs(reel.after(5)) == [6]
    assert seqs(reel.after(6)) == []
    assert len(woken) == 2


def test_a_reel_says_where_it_does_not_reach():
    reel, _ = a_reel()

    assert reel.after(1) is None
    assert reel.after(7) is None


def test_a_piece_beyond_a_gap_is_not_taken():
    reel, _ = a_reel()
    reel.take(7, piece(8, 9))

    assert seqs(reel.after(5)) == [6]


def test_what_is_old_falls_off_and_no_line_is_lost_between():
    reel, _ = a_reel()
    last = 3 * KEPT
    reel.take(6, piece(*range(7, last + 1)))

    assert reel.after(5) is None
    assert seqs(reel.after(last - KEPT)) == list(range(last - KEPT + 1, last + 1))


def test_the_end_wakes_even_who_has_seen_everything():
    reel, woken = a_reel()
    reel.take(6, piece(last=6, final=True))

    assert reel.has_news(6)
    assert reel.after(6).final
    assert len(woken) == 3


@pytest.mark.parametrize(
    "accept", ["text/event-stream", "text/event-stream, */*", "application/json;q=0.5, Text/Event-Stream;q=1"]
)
def test_a_stream_is_for_who_asks_for_one(accept, rf):
    assert sse.wanted(rf.get("/", headers={"Accept": accept}))


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "text/html"])
def test_everybody_else_reads_json(accept, rf):
    assert not sse.wanted(rf.get("/", headers={"Accept": accept}))
