"""Lines: what a thread of its own hands on, so that whoever has something to say waits for nobody."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Line(Generic[Item]):
    """Items in the order in which they were put here; all that waits is handed on at once, by one thread.

    The thread starts with the first item. What waits when the process ends is handed on by the one that ends it. A
    forked child begins anew, with nothing in line: threads do not survive a fork, and its parent hands on the rest.
    """

    def __init__(self, hand_on: Callable[[list[Item]], None], *, name: str, most: int, pause: float = 0.0) -> None:
        """`hand_on` raises nothing. `most` items wait, the oldest go first; `pause` seconds lie between two calls."""
        self._hand_on = hand_on
        self._name = name
        self._most = most
        self._pause = pause
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: deque[Item] = deque(maxlen=self._most)
        self._there = threading.Event()
        self._at_once = threading.Event()
        self._starting = threading.Lock()
        self._handing_on = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, item: Item, *, at_once: bool = False) -> None:
        """Put it in line; a deque takes from several threads at once. `at_once`: whatever the pause."""
        self._waiting.append(item)
        if at_once:
            self._at_once.set()
        self._there.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()
                    atexit.register(self.flush)

    def take(self) -> list[Item] | None:
        """Take all that waits, to hand it on oneself; None while something is being handed on, which comes first."""
        if not self._handing_on.acquire(blocking=False):
            return None
        try:
            return self._take()
        finally:
            self._handing_on.release()

    def _take(self) -> list[Item]:
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _run(self) -> None:
        while True:
            self._there.wait()
            self._there.clear()
            self.flush()
            if self._pause:
                self._at_once.wait(self._pause)
                self._at_once.clear()

    def flush(self) -> None:
        """Hand on what waits, in the caller's thread; what another hands on just now has been, when this returns.

        A process that ended without waiting for that would stop the thread wherever it is, with the locks that it
        holds: whoever closes its connection afterwards would wait for ever.
        """
        with self._handing_on:
            if items := self._take():
                self._hand_on(items)
