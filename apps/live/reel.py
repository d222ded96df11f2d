"""The newest events of one run: read once and put into words once, for all who listen to it in this process.

A listener keeps nothing but the seq it has seen. One that is too slow for the reel, or begins before it, reads the
table itself: a slow client costs no memory, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError

from . import table
from .lines import Line
from .table import Stretch

log = logging.getLogger("nexus.live")
LOOK_AT_MOST_EVERY = 5.0
KEPT = 1000
"""So many events at least stay on a reel that was told more."""


class Reel:
    """Events without a gap up to `seq`, and how far the run was when they were read."""

    def __init__(self, run_id: int, wake: Callable[[], None]) -> None:
        """Empty. `wake` is called when there is news."""
        self.run_id, self._wake = run_id, wake
        self.seq: int | None = None
        """Read up to here; None until the first listener has found its own way to the end of the table."""
        self.final = self.gone = False
        """The run ended at `seq`; it is not kept any more."""
        self._read_at = time.monotonic()
        self._lines: list[Line] = []
        self._heard = 0
        self._reading: asyncio.Task[None] | None = None

    def hear(self, seq: int) -> None:
        """There are events up to `seq`: read them, if nobody did."""
        self._heard = max(self._heard, seq)
        if self.seq is not None and self._heard > self.seq:
            self._start()

    def look(self) -> None:
        """Nobody said anything for long: look once for all whether there is really nothing."""
        if time.monotonic() - self._read_at > LOOK_AT_MOST_EVERY:
            self._start()

    def _start(self) -> None:
        # One reader of a run at a time; what is heard while it reads is read by the same.
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._read_it)

    def stop(self) -> None:
        """Nobody listens any more."""
        if self._reading is not None:
            self._reading.cancel()

    def after(self, seen: int) -> Stretch | None:
        """Return what follows `seen`; None when the reel does not reach so far back, or so far on."""
        if self.seq is None or seen > self.seq or (self._lines and seen < self._lines[0].seq - 1):
            return None
        if not self._lines:
            return None if seen < self.seq else Stretch(lines=[], last_seq=self.seq, final=self.final)
        lines = self._lines[seen + 1 - self._lines[0].seq :]  # no gaps: the place follows from the seq
        return Stretch(lines=lines, last_seq=self.seq, final=self.final)

    def has_news(self, seen: int) -> bool:
        """Is there something to do for a listener that has seen everything up to `seen`?"""
        return self.final or self.gone or (self.seq is not None and self.seq > seen)

    def take(self, after: int, found: Stretch) -> None:
        """Keep what was read after `after`, by us or by a listener on its own way.

        Readers of one run overlap. Each piece is cut where the reel ends, in one go without an await, so whoever
        comes second adds nothing twice; a piece that would leave a gap is not taken.
        """
        if self.seq is None:
            self.seq = min(after, found.last_seq)
        if after > self.seq:
            return
        fresh = [line for line in found.lines if line.seq > self.seq]
        if fresh:
            self._lines += fresh
            self.seq = fresh[-1].seq
            if len(self._lines) > 2 * KEPT:
                del self._lines[:-KEPT]
        self.final = found.final and self.seq >= found.last_seq
        if fresh or self.final:
            self._wake()
        self.hear(found.last_seq)

    async def _read(self) -> None:
        more = True
        while more and self.seq is not None:
            after, self._read_at = self.seq, time.monotonic()
            heard = self._heard
            found = await table.stretch(self.run_id, after)
            if found is None:
                self.gone = True
                self._wake()
                return
            self.take(after, found)
            if not found.lines and self._heard == heard:
                self._heard = self.seq  # a hint of something that is not there
            more = self.seq < self._heard

    def _read_it(self, task: asyncio.Task[None]) -> None:
        """Our reading ended. What broke it is left to the next hint or sweep."""
        self._reading = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.hear(0)  # a hint that came after the last look of the task, and before this call
        elif isinstance(error, DatabaseError | InterfaceError):
            log.warning("live feed of run %d: the database is away (%s)", self.run_id, type(error).__name__)
        else:
            # Nobody awaits this task: without this line every listener would wait for the keep-alive, in silence.
            log.error("live feed of run %d: reading broke", self.run_id, exc_info=error)
