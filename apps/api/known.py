"""Who is behind an API key and where they may file, remembered for a second.

A key that is revoked or has expired files nothing from that moment on: filing.py looks again in the transaction that
writes. Who leaves a project may still file in it for that second.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from concurrent.futures import Executor
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, close_old_connections
from rest_framework.exceptions import APIException

from apps.accounts.access import Caller
from apps.accounts.authentication import open_with
from apps.accounts.models import ORDERS_WRITE

from .orders import Reach, reach_of

REMEMBERED_FOR = 1.0
"""Seconds."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Known:
    """A caller who may file, and where."""

    caller: Caller
    reach: Reach


class Callers:
    """Asks the database about twice a second for each key that is used, however many requests come with it."""

    def __init__(self, *, thread: Executor) -> None:
        """Nobody is known yet."""
        self._thread = thread
        self._known: dict[bytes, tuple[float, Known]] = {}
        self._asking: dict[object, asyncio.Task[Known | None]] = {}

    async def by(self, token: str) -> Known | None:
        """Return who holds `token`; None when they may not file, or nobody holds it. The view says why."""
        name = hashlib.sha256(token.encode()).digest()  # no secret stays here
        until, known = self._known.get(name, (0.0, None))
        left = until - time.monotonic()
        if known is None or left <= 0:
            return await asyncio.shield(self._ask(name, token))
        if left < REMEMBERED_FOR / 2:
            self._ask(name, token)  # so that nobody has to wait for it when the second is over
        return known

    def _ask(self, name: bytes, token: str) -> asyncio.Task[Known | None]:
        """Ask, or join those who are asking: otherwise every request would ask while the first answer is out."""
        loop = asyncio.get_running_loop()
        place = (loop, name)
        if place not in self._asking:
            self._asking[place] = loop.create_task(self._look_up(name, token))
            self._asking[place].add_done_callback(lambda _: self._asking.pop(place))
        return self._asking[place]

    async def _look_up(self, name: bytes, token: str) -> Known | None:
        until = time.monotonic() + REMEMBERED_FOR  # from before the question: what it finds may be that old
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, _look_up, token)
        except (DatabaseError, InterfaceError):
            found = None  # the view asks too, and tells
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        if found is None:
            self._known.pop(name, None)
        else:
            self._known[name] = (until, found)
        return found


def _look_up(token: str) -> Known | None:
    close_old_connections()
    try:
        key = open_with(token)
        caller = Caller(user=key.user, key=key)
        return Known(caller, reach_of(caller)) if caller.has(ORDERS_WRITE) else None
    except APIException:
        return None
    finally:
        close_old_connections()
