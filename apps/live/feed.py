"""Everything after a seq, in order, each once, and then what comes, until the run is final."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, InterfaceError

from . import table
from .admission import Admitted, still_holds
from .hub import Ear, hub

log = logging.getLogger("nexus.live")
KEEP_ALIVE = 15.0
LOOK_AGAIN_AFTER = 2.0
ASK_AGAIN_AFTER = 60.0
"""How often membership and scopes are asked again; keys and sessions are every two seconds, by the hub."""


@dataclass(frozen=True)
class Happened:
    """An event of the table."""

    event: dict[str, Any]


@dataclass(frozen=True)
class Words:
    """A model is writing; not in the table, and lost on the way now and then."""

    task: str
    delta: str


@dataclass(frozen=True)
class Quiet:
    """Nothing happened for a while: say so, or something on the way closes the connection."""


@dataclass(frozen=True)
class Done:
    """The run is final, and all of it was told."""

    last_seq: int


@dataclass(frozen=True)
class Ended:
    """The listener may listen no longer."""


Frame = Happened | Words | Quiet | Done | Ended


async def follow(admitted: Admitted, after: int) -> AsyncGenerator[Frame]:
    """Yield what a client is told that has seen everything up to `after`.

    The ear is taken before the table is read: what is said between the two is heard, and read again at most.
    """
    seen, asked_at = after, time.monotonic()
    with hub().listening(admitted.run_id, admitted.on) as ear:
        while True:
            try:
                found = await table.stretch(admitted.run_id, seen)
            except (DatabaseError, InterfaceError) as error:
                # The stream outlives that: its client has nowhere better to go.
                log.warning("live feed of run %d: the database is away (%s)", admitted.run_id, type(error).__name__)
                yield Quiet()
                await asyncio.sleep(LOOK_AGAIN_AFTER)
                continue
            if found is None:
                yield Ended()
                return
            for event in found.events:
                seen = event["seq"]
                yield Happened(event)
            if found.final and seen >= found.last_seq:
                yield Done(found.last_seq)
                return
            if seen >= found.last_seq:
                async for frame in _until_news(ear, seen):
                    yield frame
            if time.monotonic() - asked_at > ASK_AGAIN_AFTER:
                asked_at = time.monotonic()
                ear.shut = ear.shut or not await still_holds(admitted)
            if ear.shut:
                yield Ended()
                return


async def _until_news(ear: Ear, seen: int) -> AsyncGenerator[Frame]:
    """Yield words and silences until there is something in the table to read, or the ear is shut."""
    since = time.monotonic()
    while ear.seq <= seen and not ear.shut and time.monotonic() - since < ASK_AGAIN_AFTER:
        heard = await ear.wait(KEEP_ALIVE)
        while ear.words:
            yield Words(**ear.words.popleft())
        if not heard:
            yield Quiet()
            return  # and look at the table ourselves: a stream trusts no hint to come
