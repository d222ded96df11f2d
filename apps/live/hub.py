"""One reader of Redis per process. It has the news of each run read once, and wakes whoever listens.

Listeners are not members of a Channels group: a group queues a copy of every hint for every member and drops a
member that has not read for a minute. Here the events are on the run's reel, once, and an ear only says that there
are more; it keeps the last words, however slow its owner is. An owner that waits and has a hand is not even woken: what
is new is written to all of them in one go, the same bytes to each.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError

from nexus import engine

from . import table
from .lines import Line, of_hint
from .reel import Reel

log = logging.getLogger("nexus.live")
SWEEP_EVERY = 2.0
"""How long a lost hint, a revoked key or an absent Redis can hold anything up."""
PING_AFTER = 15.0
MOST_WORDS = 200
AT_ONCE = 100
"""So many events are handed over before anybody asks again whether the client may still listen."""
Hand = Callable[[bytes], bool]
"""Writes frames to a client, now; False, and nothing is written, when it takes none at the moment."""


@dataclass(frozen=True)
class Pass:
    """What lets a listener in, and must go on holding: an API key, or a session."""

    key: int | None = None
    session: str | None = None


class Ear:
    """One listener to one run."""

    def __init__(self, admitted: Pass, seen: int, hand: Hand | None = None) -> None:
        """Nothing heard yet."""
        self.admitted, self.hand = admitted, hand
        self.seen = seen
        """Its client was told everything up to here."""
        self._waits = False
        self.shut = False
        """Its pass holds no longer."""
        self.asked_at = time.monotonic()
        """When it was last asked whether its owner may see the order; the pass itself is asked for by the sweep."""
        self.words: deque[Line] = deque(maxlen=MOST_WORDS)
        """Deltas that were not told yet; the oldest go first when nobody takes them."""
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There are events on the reel."""
        self._news.set()

    def hear_words(self, words: Line) -> None:
        """A model is writing."""
        if not (self.is_free and self.hand is not None and self.hand(words.frame)):
            self.words.append(words)
            self._news.set()

    @property
    def is_free(self) -> bool:
        """May its hand be used? Its owner waits, and has nothing left to tell that came before."""
        return self._waits and not self.shut and not self.words

    def close(self) -> None:
        """Whoever listens may not any more."""
        self.shut = True
        self._news.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for something to be heard; False when nothing was for so long."""
        self._waits = True
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        finally:
            self._waits = False
        self._news.clear()
        return True


class Room:
    """Everybody who listens to one run, and the reel they share."""

    def __init__(self, run_id: int) -> None:
        """Empty."""
        self.ears: set[Ear] = set()
        self.reel = Reel(run_id, self._tell)

    def _tell(self) -> None:
        """There is news: hand it to who waits for it, in one go; wake everybody else.

        An ear is moved on together with the write, without an await between, so its owner tells nothing twice.
        """
        pieces: dict[int, tuple[bytes, int] | None] = {}
        for ear in self.ears:
            piece = None
            if ear.hand is not None and ear.is_free:
                if ear.seen not in pieces:
                    pieces[ear.seen] = self._piece(ear.seen)
                piece = pieces[ear.seen]
            if piece is None or ear.hand is None or not ear.hand(piece[0]):
                ear.wake()
            else:
                ear.seen = piece[1]

    def _piece(self, seen: int) -> tuple[bytes, int] | None:
        """The frames after `seen` and the seq of the last; None where there is more to do than to write them."""
        found = self.reel.after(seen)
        if found is None or found.final or not 0 < len(found.lines) <= AT_ONCE:
            return None
        return b"".join([line.frame for line in found.lines]), found.lines[-1].seq


class Hub:
    """The ears of one process, and the two tasks that serve them while there are any."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._rooms: dict[int, Room] = {}
        self._tasks: list[asyncio.Task[None]] = []

    @contextmanager
    def listening(
        self, run_id: int, admitted: Pass, *, seen: int, hand: Hand | None = None
    ) -> Iterator[tuple[Ear, Reel]]:
        """Give an ear for `run_id`, and its reel; nothing that is said while they are held is missed."""
        room, ear = self._rooms.setdefault(run_id, Room(run_id)), Ear(admitted, seen, hand)
        room.ears.add(ear)
        if not self._tasks:
            self._serve()
        try:
            yield ear, room.reel
        finally:
            room.ears.discard(ear)
            if not room.ears:
                del self._rooms[run_id]
                room.reel.stop()
            if not self._rooms:
                for task in self._tasks:
                    task.cancel()
                self._tasks = []

    def _serve(self) -> None:
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._sweep())]
        for task in self._tasks:
            task.add_done_callback(self._serve_again)

    def _serve_again(self, task: asyncio.Task[None]) -> None:
        """One of the two ended while somebody listens: without this every listener would be deaf, in silence."""
        if task not in self._tasks:
            return  # the last listener left, and we ended it ourselves
        error = None if task.cancelled() else task.exception()
        log.error("live hub: %s ended (%s); started again", task.get_name(), error or "cancelled", exc_info=error)
        for other in self._tasks:
            other.cancel()
        self._serve()

    # --- Redis: soon, most of the time ---

    async def _read(self) -> None:
        pause = 0.1
        while True:
            try:
                # No socket_timeout: silence is what a subscription mostly hears.
                async with (
                    Redis.from_url(
                        settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0)
                    ) as client,
                    client.pubsub() as subscription,
                ):
                    await subscription.subscribe(engine.HINT)
                    pause = 0.1
                    await self._pass_on(subscription)
            except (RedisError, OSError) as error:
                log.warning(
                    "live hints: Redis is away (%s); events are read every %g s", type(error).__name__, SWEEP_EVERY
                )
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _pass_on(self, subscription: PubSub) -> None:
        asked = False
        while True:
            message = await subscription.get_message(timeout=PING_AFTER)
            if message is None and asked:
                raise RedisAway("a ping was not answered")  # the peer went without a word
            asked = message is None
            if message is None:
                await subscription.ping()
            elif message["type"] == "message":
                self._tell(message["data"])

    def _tell(self, data: bytes) -> None:
        try:
            hint = json.loads(data)
            if (room := self._rooms.get(hint["run"])) is None:
                return
            if "delta" in hint:
                words = of_hint(hint)
                for ear in room.ears:
                    ear.hear_words(words)
            else:
                room.reel.hear(int(hint["seq"]))
        except (ValueError, KeyError, TypeError):
            log.warning("live hints: something else than a hint was published (%d bytes)", len(data))

    # --- Postgres: always, a little later ---

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            rooms = list(self._rooms.items())
            passes = {ear.admitted for _, room in rooms for ear in room.ears}
            try:
                found = await table.standing(
                    runs=[run_id for run_id, _ in rooms],
                    keys={held.key for held in passes if held.key is not None},
                    sessions={held.session for held in passes if held.session is not None},
                )
            except (DatabaseError, InterfaceError) as error:
                log.warning("live feed: the database is away (%s)", type(error).__name__)
                continue
            for run_id, room in rooms:
                room.reel.hear(found.seqs.get(run_id, 0))
                for ear in room.ears:
                    # Who came while we asked is asked about next time.
                    if ear.admitted in passes and not _holds(ear.admitted, found):
                        ear.close()


def _holds(admitted: Pass, found: table.Standing) -> bool:
    if admitted.key is not None:
        return admitted.key in found.keys
    return admitted.session is None or admitted.session in found.sessions


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of this process: of its one event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
