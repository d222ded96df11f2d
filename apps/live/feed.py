"""Everything after a seq, in order, each once, and then what comes, until the run is final."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError

from .admission import Admitted, still_holds
from .hub import AT_ONCE, Ear, Hand, hub
from .lines import Line, of_end
from .reel import Reel
from .table import Stretch, stretch

log = logging.getLogger("nexus.live")
KEEP_ALIVE = 15.0
LOOK_AGAIN_AFTER = 2.0
ASK_AGAIN_AFTER = 60.0
"""How often membership and scopes are asked again; keys and sessions are every two seconds, by the hub."""


@dataclass(frozen=True)
class Told:
    """Lines to tell, in this order."""

    lines: Sequence[Line]


@dataclass(frozen=True)
class Quiet:
    """Nothing happened for a while: say so, or something on the way closes the connection."""


@dataclass(frozen=True)
class Ended:
    """The listener may listen no longer."""


Frame = Told | Quiet | Ended


async def follow(admitted: Admitted, after: int, hand: Hand | None = None) -> AsyncGenerator[Frame]:
    """Yield what a client is told that has seen everything up to `after`, up to the end of the run.

    The ear is taken before the table is read: what is said between the two is heard, and read again at most.
    What `hand` wrote while we waited for the next frame is not yielded any more.
    """
    with hub().listening(admitted.run_id, admitted.on, seen=after, hand=hand) as (ear, reel):
        while True:
            found = reel.after(ear.seen) or await _looked_up(admitted.run_id, ear.seen, reel)
            if isinstance(found, Ended):
                yield found
                return
            if isinstance(found, Quiet):
                yield found
                await asyncio.sleep(LOOK_AGAIN_AFTER)
                continue
            for lines in _pieces(found.lines):
                if ear.shut:
                    break
                ear.seen = lines[-1].seq
                yield Told(lines)
            if found.final and ear.seen >= found.last_seq:
                yield Told([of_end(found.last_seq)])
                return
            if ear.seen >= found.last_seq:
                async for frame in _until_news(ear, reel):
                    yield frame
            if await _is_sent_away(ear, admitted):
                yield Ended()
                return


async def _looked_up(run_id: int, seen: int, reel: Reel) -> Stretch | Quiet | Ended:
    """Read the table ourselves: where the reel has not begun, or does not reach."""
    try:
        found = await stretch(run_id, seen)
    except (DatabaseError, InterfaceError) as error:
        # The stream outlives that: its client has nowhere better to go.
        log.warning("live feed of run %d: the database is away (%s)", run_id, type(error).__name__)
        return Quiet()
    if found is None:
        return Ended()  # the run is not kept any more
    reel.take(seen, found)
    return found


async def _is_sent_away(ear: Ear, admitted: Admitted) -> bool:
    if time.monotonic() - ear.asked_at > ASK_AGAIN_AFTER:
        ear.asked_at = time.monotonic()
        ear.shut = ear.shut or not await still_holds(admitted)
    return ear.shut


def _pieces(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """A client that reads slowly is asked about between two of them."""
    for first in range(0, len(lines), AT_ONCE):
        yield lines[first : first + AT_ONCE]


async def _until_news(ear: Ear, reel: Reel) -> AsyncGenerator[Frame]:
    """Yield words and silences until there is something on the reel, or the ear is shut."""
    since = time.monotonic()
    while not (reel.has_news(ear.seen) or ear.shut) and time.monotonic() - since < ASK_AGAIN_AFTER:
        heard = await ear.wait(KEEP_ALIVE)
        if ear.words:
            yield Told([ear.words.popleft() for _ in range(len(ear.words))])
        if not heard:
            reel.look()  # a stream trusts no hint to come
            yield Quiet()
