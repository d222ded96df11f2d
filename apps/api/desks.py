"""ASGI: a fixed number of threads for synchronous views, each with its connection to Postgres.

Left alone, Django gives every request a thread of its own, and a connection to Postgres belongs to its thread: each
request opens one, and it lingers until the thread is collected. At a desk the next request finds it open.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from asgiref.sync import ThreadSensitiveContext

from .body_limit import Application, Receive, Scope, Send


class Desks:
    """So many threads. Who finds all of them taken waits in line."""

    def __init__(self, count: int) -> None:
        """None is open yet."""
        self._count = count
        self._free = deque(ThreadPoolExecutor(1, thread_name_prefix=f"web-{number}") for number in range(count))
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[ThreadPoolExecutor]:
        """Take the desk that was left last: its connection is the likeliest to be open."""
        line = self._lines.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._count))
        async with line:
            desk = self._free.pop()
            try:
                yield desk
            finally:
                self._free.append(desk)


def seated(application: Application, *, desks: Desks, standing: Callable[[Scope], bool]) -> Application:
    """Return `application` with a desk for every request but those that last: they stand, and take no desk."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if standing(scope):
            await application(scope, receive, send)
            return
        async with desks.one() as desk, ThreadSensitiveContext(executor=desk):
            await application(scope, receive, send)

    return served
