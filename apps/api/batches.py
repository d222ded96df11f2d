"""Group commit: what arrives while one batch is being written goes into the next, all of it together.

A commit costs about the same for one row as for fifty. Nobody waits for a batch to fill: an idle writer takes what
there is. Each who waits is answered when the batch with their item is committed, and not before.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(eq=False)
class _Waiting(Generic[Item, Result]):
    """Somebody's item, and where they wait for what becomes of it."""

    item: Item
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    result: asyncio.Future[Result] = field(init=False)

    def __post_init__(self) -> None:
        self.result = self.loop.create_future()


class Batches(Generic[Item, Result]):
    """Hands items to `write` in the order they came, at most `most` at a time, one batch after the other."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]], *, most: int, thread: Executor) -> None:
        """`write` runs in `thread`; it returns one result per item, or raises for all of them."""
        self._write, self._most, self._thread = write, most, thread
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        # Any number of event loops put in line, one thread takes out. Under this lock it is decided whether there is
        # still a writer who will see what was put: whoever finds none sends for one, and nobody else does.
        self._lock = Lock()
        self._is_served = False

    async def written(self, item: Item) -> Result:
        """Return what `write` returned for `item`, or raise what it raised for the batch."""
        one: _Waiting[Item, Result] = _Waiting(item)
        with self._lock:
            self._waiting.append(one)
            is_first, self._is_served = not self._is_served, True
        if is_first:
            self._thread.submit(self._serve)
        return await one.result

    def _serve(self) -> None:
        """Write until nobody waits: here, because a batch that waits for a turn of the loop is not being written."""
        while batch := self._next():
            try:
                results = self._write([one.item for one in batch])
            except Exception as error:  # noqa: BLE001 - it belongs to those who wait
                _tell(batch, [error] * len(batch))
            else:
                _tell(batch, results)

    def _next(self) -> list[_Waiting[Item, Result]]:
        """Take the next batch out, without those whose client has gone; empty when the writer may rest."""
        batch: list[_Waiting[Item, Result]] = []
        with self._lock:
            while self._waiting and len(batch) < self._most:
                one = self._waiting.popleft()
                if not one.result.done():
                    batch.append(one)
            self._is_served = bool(batch)
        return batch


def _tell(batch: Sequence[_Waiting[Item, Result]], found: Sequence[Result | Exception]) -> None:
    """Tell each loop once of all that wait in it."""
    told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Result], Result | Exception]]] = {}
    for one, result in zip(batch, found, strict=True):
        told.setdefault(one.loop, []).append((one.result, result))
    for loop, results in told.items():
        with suppress(RuntimeError):  # it was closed: who waited there has gone
            loop.call_soon_threadsafe(_set, results)


def _set(results: Sequence[tuple[asyncio.Future[Result], Result | Exception]]) -> None:
    for future, result in results:
        if future.done():  # its client has gone; the order stands all the same
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
