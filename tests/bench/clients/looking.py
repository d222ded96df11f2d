"""How a client of a Postgres engine learns what has finished: one statement now and then, the same for all."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any

import psycopg


class Looks:
    """A connection that looks which of the open orders have finished."""

    def __init__(self, address: str, statement: str) -> None:
        """Connect; `statement` takes a list of ids and returns those that have ended."""
        self._connection = psycopg.connect(address, autocommit=True, prepare_threshold=0)
        self._statement = statement

    def finished(self, open_ones: Collection[Any], wait: float) -> Iterable[Any]:
        """Wait a little, then look."""
        if wait:
            time.sleep(wait)
        return [row[0] for row in self._connection.execute(self._statement, [list(open_ones)])]
