"""Prefect: an order is a flow with six tasks, run by the process that calls it, told to a Prefect server."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Collection, Iterable

import driving
from prefect import flow, task

AT_ONCE = 8
"""Flows that run at the same time, as a Prefect worker's limit would have it; the others are filed and wait. With a
hundred at once its server, on SQLite, is so far behind that it lets some fail."""


@task(persist_result=False)
async def noop() -> None:
    """Do nothing."""


@flow(persist_result=False, log_prints=False)
async def order() -> None:
    """Plan, three at the same time, join, notify."""
    await noop()
    await asyncio.gather(noop(), noop(), noop())
    await noop()
    await noop()


class Prefect:
    """Runs flows on an event loop in a thread."""

    def __init__(self) -> None:
        """Start the loop."""
        self._numbers = itertools.count(1)
        self._ended: queue.SimpleQueue[tuple[int, BaseException | None]] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._turns = asyncio.Semaphore(AT_ONCE)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def file(self) -> int:
        """Start one."""
        number = next(self._numbers)
        future = asyncio.run_coroutine_threadsafe(self._in_turn(), self._loop)
        future.add_done_callback(lambda done: self._ended.put((number, done.exception())))
        return number

    async def _in_turn(self) -> None:
        async with self._turns:
            await order()

    def finished(self, open_ones: Collection[int], wait: float) -> Iterable[int]:
        """Wait for the first."""
        try:
            number, error = self._ended.get(timeout=wait) if wait else self._ended.get_nowait()
        except queue.Empty:
            return []
        if error is not None:
            raise RuntimeError("a flow failed") from error
        return [number]


if __name__ == "__main__":
    driving.serve(Prefect())
