"""An act within its time: in a thread of its own, whose database connection is given back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection

from nexus import engine

from .errors import ToolTimedOut

T = TypeVar("T")
LOOKS_EVERY = 1.0
"""Seconds between two looks whether to stop."""


class _Once(Generic[T]):
    """One call, and what came of it."""

    def __init__(self, act: Callable[[], T]) -> None:
        self.act = act
        self.ended = threading.Event()
        self.value: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.value = self.act()
        except BaseException as error:  # noqa: BLE001 — it is raised again where it is waited for
            self.error = error
        finally:
            connection.close()
            self.ended.set()


def within(seconds: float, act: Callable[[], T], *, context: engine.Context, may_stop: bool) -> T:
    """What `act` answers or raises; ToolTimedOut when it takes longer. Nobody can end it then: it is left behind.

    With `may_stop`, also what `context` raises when the work is told to stop meanwhile: nothing is lost by it.
    """
    once: _Once[T] = _Once(act)
    threading.Thread(target=once.run, daemon=True, name="tool").start()
    until = time.monotonic() + seconds
    while not once.ended.wait(min(LOOKS_EVERY, max(0.0, until - time.monotonic()))):
        if time.monotonic() >= until:
            raise ToolTimedOut(f"It took longer than {seconds:g} s")
        if may_stop:
            context.check()
    if once.error is not None:
        raise once.error
    return once.value  # type: ignore[return-value]  # it has ended without an error
