"""Files orders as an embedding program does: one transaction each; hears or looks which runs have ended."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Collection, Iterable

import django

django.setup()

import driving  # noqa: E402 - Django first
import psycopg  # noqa: E402
import redis  # noqa: E402

from nexus import engine  # noqa: E402

LOST_AFTER = 0.05
"""Seconds after which it looks although no hint said that a run has ended."""
FEW = 4
"""Up to so many in flight it hears of each by its hint, which is sent after the commit; above, looking now and then is
cheaper."""
ENDED = "SELECT id FROM nexus_run WHERE state <> 'open' AND id = ANY(%s)"


def graph() -> list[engine.TaskSpec]:
    """Plan, three in parallel, join, notify."""
    parts = ("p0", "p1", "p2")
    shape = {"plan": (), **dict.fromkeys(parts, ("plan",)), "join": parts, "notify": ("join",)}
    return [engine.TaskSpec(key=key, type="bench.noop", after=after) for key, after in shape.items()]


class Nexus:
    """One process: a connection that files, one that looks, one that listens."""

    def __init__(self) -> None:
        """Connect."""
        self._looks = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
        self._hints = redis.Redis.from_url(os.environ["REDIS_URL"]).pubsub()
        self._hears = False
        self._graph = graph()

    def file(self) -> int:
        """Write the run."""
        return engine.submit(tenant="bench", subject="bench", tasks=self._graph).pk

    def finished(self, open_ones: Collection[int], wait: float) -> Iterable[int]:
        """Hear which of them have ended; look where no hint comes, or many are open."""
        if wait and (heard := self._rest(wait, open_ones)):
            return heard
        return [row[0] for row in self._looks.execute(ENDED, [list(open_ones)])]

    def _rest(self, wait: float, open_ones: Collection[int]) -> list[int]:
        few = len(open_ones) <= FEW
        if few != self._hears:
            self._hints.subscribe(engine.HINT) if few else self._hints.unsubscribe()
            self._hears = few
        if not few:
            time.sleep(wait)
            return []
        until = time.monotonic() + LOST_AFTER
        while not (heard := [one for one in self._ended() if one in open_ones]):
            if (left := until - time.monotonic()) <= 0:
                break
            select.select([self._hints.connection._sock], [], [], left)
        return heard

    def _ended(self) -> Iterable[int]:
        """What the hints that have come say: of many orders, some of which it has looked at long ago."""
        while heard := self._hints.get_message(timeout=0):
            if heard["type"] == "message" and b'"ended"' in heard["data"]:
                yield json.loads(heard["data"])["run"]


if __name__ == "__main__":
    driving.serve(Nexus())
