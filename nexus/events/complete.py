"""How far the whole table of events can be read without missing any.

Numbers are given out when an event is written and seen when it is committed, so a reader who goes by them may pass
one that comes up behind it. Here is the highest number below which nothing can come up any more.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from nexus import statements

# Of a sequence that has given out nothing, the first number counts as its last.
GIVEN_OUT = "SELECT last_value - (NOT is_called)::int AS n FROM nexus_event_id_seq"
# A number of our own: what a snapshot calls its end may be below one that is under way.
BEGUN = "SELECT pg_current_xact_id()::text::bigint AS n"
ALL_OVER = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS n"
MOST = 1_000


@dataclass(frozen=True)
class _Mark:
    """Events up to `event` were numbered by transactions before `transaction`."""

    event: int
    transaction: int


class Watermark:
    """Remembers marks between two looks; what a process forgets when it dies is only time."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._marks: deque[_Mark] = deque(maxlen=MOST)
        self._complete = 0
        self._lock = threading.Lock()

    def look(self) -> int:
        """Return the highest id such that every event with it or a lower one is committed, or never will be.

        Whoever writes an event has a transaction number before the event has one: the run's row is updated first. So
        every id up to `event` belongs to a transaction below `transaction`, which is read after it; and when all of
        those are over, no such event can appear any more. Not inside a transaction that has written: it would wait
        for itself.
        """
        with self._lock:
            given_out = _number(GIVEN_OUT)
            newest = self._marks[-1].event if self._marks else self._complete
            if newest > given_out:  # another database than a moment ago: it was restored
                self._marks.clear()
                self._complete = newest = 0
            if newest < given_out:
                self._marks.append(_Mark(given_out, _number(BEGUN)))
            over = _number(ALL_OVER) if self._marks else 0
            while self._marks and self._marks[0].transaction <= over:
                self._complete = self._marks.popleft().event
            return self._complete


def _number(statement: str) -> int:
    return int(statements.one(statement, [])[0])


_watermark = Watermark()


def complete_up_to() -> int:
    """The same, for this process."""
    return _watermark.look()
