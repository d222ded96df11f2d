"""What is new is handed to all who wait for it in one go; everybody else is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from apps.live.frames import hand_of
from apps.live.hub import AT_ONCE, Ear, Pass, Room
from apps.live.lines import of_event, of_words
from apps.live.table import Stretch

SEEN = 4


class Client:
    """Takes frames, or does not."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.got: list[bytes] = []

    def write(self, frames: bytes) -> bool:
        if self.takes:
            self.got.append(frames)
        return self.takes


def piece(*seqs: int, final: bool = False) -> Stretch:
    event = {"kind": "test.said", "task": None, "data": {}, "at": "2026-02-17T09:30:00+00:00"}
    return Stretch(lines=[of_event(event | {"seq": seq}) for seq in seqs], last_seq=seqs[-1], final=final)


def a_room(*clients: Client) -> tuple[Room, list[Ear]]:
    """Everybody in it was told everything up to SEEN."""
    room = Room(1)
    room.reel.take(0, piece(*range(1, SEEN + 1)))
    ears = [Ear(Pass(), SEEN, client.write) for client in clients]
    room.ears.update(ears)
    return room, ears


@contextmanager
def waiting(*ears: Ear) -> Iterator[list[asyncio.Task[bool]]]:
    tasks = [asyncio.create_task(ear.wait(60)) for ear in ears]
    yield tasks
    for task in tasks:
        task.cancel()


async def test_all_who_wait_are_handed_the_same_bytes_and_nobody_is_woken():
    clients = [Client(), Client()]
    room, ears = a_room(*clients)
    with waiting(*ears) as owners:
        await asyncio.sleep(0)

        room.reel.take(SEEN, piece(5, 6))
        room.reel.take(6, piece(7))
        await asyncio.sleep(0)

        first = piece(5, 6, 7).lines
        assert [client.got for client in clients] == [[first[0].frame + first[1].frame, first[2].frame]] * 2
        assert clients[0].got[0] is clients[1].got[0]
        assert [ear.seen for ear in ears] == [7, 7]
        assert not any(owner.done() for owner in owners)


async def test_who_has_seen_more_is_handed_less():
    clients = [Client(), Client()]
    room, ears = a_room(*clients)
    ears[1].seen = 5
    with waiting(*ears):
        await asyncio.sleep(0)

        room.reel.take(SEEN, piece(5, 6))

    assert clients[1].got == [piece(6).lines[0].frame]


async def test_a_client_that_takes_nothing_is_left_to_its_owner():
    clients = [Client(takes=False), Client()]
    room, ears = a_room(*clients)
    with waiting(*ears) as owners:
        await asyncio.sleep(0)

        room.reel.take(SEEN, piece(5))

        assert await owners[0]
        assert [ear.seen for ear in ears] == [SEEN, 5]


async def test_an_owner_that_is_busy_is_handed_nothing():
    client = Client()
    room, (ear,) = a_room(client)

    room.reel.take(SEEN, piece(5))

    assert (client.got, ear.seen) == ([], SEEN)
    assert await ear.wait(5)


@pytest.mark.parametrize("news", [piece(5, final=True), piece(*range(5, 6 + AT_ONCE))], ids=["the end", "a lot"])
async def test_the_end_and_a_lot_are_left_to_the_owner(news):
    client = Client()
    room, (ear,) = a_room(client)
    with waiting(ear) as (owner,):
        await asyncio.sleep(0)

        room.reel.take(SEEN, news)

        assert await owner
        assert client.got == []


async def test_who_may_listen_no_longer_is_handed_nothing():
    client = Client()
    room, (ear,) = a_room(client)
    with waiting(ear):
        await asyncio.sleep(0)

        ear.close()
        room.reel.take(SEEN, piece(5))

    assert client.got == []


async def test_words_go_the_same_way_but_overtake_nothing():
    client = Client()
    room, (ear,) = a_room(client)
    words = [of_words("draft", text) for text in ("a", "b", "c")]
    with waiting(ear):
        await asyncio.sleep(0)
        ear.hear_words(words[0])
        client.takes = False
        ear.hear_words(words[1])
        client.takes = True
        ear.hear_words(words[2])
        room.reel.take(SEEN, piece(5))

    assert client.got == [words[0].frame]
    assert list(ear.words) == words[1:]


async def test_only_a_server_that_we_know_has_hands():
    async def send(message: dict) -> None:
        raise AssertionError

    assert hand_of(send) is None
