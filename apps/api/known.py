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

from django.db import close_old_connections
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
    """Asks the database once a second for each key that is used."""

    def __init__(self, *, thread: Executor) -> None:
        """Nobody is known yet."""
        self._thread = thread
        self._known: dict[bytes, tuple[float, Known]] = {}

    async def by(self, token: str) -> Known | None:
        """Return who holds `token`; None when they may not file, or nobody holds it. The view says why."""
        name = hashlib.sha256(token.encode()).digest()  # no secret stays here
        until, known = self._known.get(name, (0.0, None))
        if known is not None and time.monotonic() < until:
            return known
        until = time.monotonic() + REMEMBERED_FOR  # from before the question: what it finds may be that old
        found = await asyncio.get_running_loop().run_in_executor(self._thread, _look_up, token)
        self._remember(name, until, found)
        return found

    def _remember(self, name: bytes, until: float, found: Known | None) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        if found is None:
            self._known.pop(name, None)
        else:
            self._known[name] = (until, found)


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
