"""Group commit: what arrives while one batch is being written goes into the next, all of it together.

A commit costs about the same for one row as for fifty. Nobody waits for a batch to fill: an idle writer takes what
there is. Each who waits is answered when the batch with their item is committed, and not before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class _Line(Generic[Item, Result]):
    """Who waits in one event loop; the loop alone touches it."""

    waiting: list[tuple[Item, asyncio.Future[Result]]] = field(default_factory=list)
    server: asyncio.Task[None] | None = None


class Batches(Generic[Item, Result]):
    """Hands items to `write` in the order they came, at most `most` at a time, one batch after the other."""

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]], *, most: int, thread: Executor) -> None:
        """`write` runs in `thread`; it returns one result per item, or raises for all of them."""
        self._write, self._most, self._thread = write, most, thread
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line[Item, Result]] = WeakKeyDictionary()

    async def written(self, item: Item) -> Result:
        """Return what `write` returned for `item`, or raise what it raised for the batch."""
        loop = asyncio.get_running_loop()
        line = self._lines.setdefault(loop, _Line())
        result: asyncio.Future[Result] = loop.create_future()
        line.waiting.append((item, result))
        if line.server is None:
            line.server = loop.create_task(self._serve(line))
        return await result

    async def _serve(self, line: _Line[Item, Result]) -> None:
        try:
            while line.waiting:
                await asyncio.sleep(0)  # who came with the same turn of the loop comes along
                batch, line.waiting = line.waiting[: self._most], line.waiting[self._most :]
                await self._write_one([(item, result) for item, result in batch if not result.done()])
        finally:
            line.server = None

    async def _write_one(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not batch:
            return
        items = [item for item, _ in batch]
        try:
            results = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, items)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait
            for _, result in batch:
                if not result.done():
                    result.set_exception(error)
            return
        for (_, result), found in zip(batch, results, strict=True):
            if not result.done():  # its client has gone; the order stands all the same
                result.set_result(found)
