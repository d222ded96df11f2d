"""One event loop per process, in a thread of its own: sessions outlive the calls that use them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

T = TypeVar("T")
_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
"""Process id -> loop: a child of a pool has none of its parent's threads."""


def run(work: Coroutine[Any, Any, T], *, within: float) -> T:
    """Run a coroutine on this process's loop and return what it returns; raise TimeoutError when it takes longer."""
    waiting = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return waiting.result(within)
    except Late:
        waiting.cancel()
        raise TimeoutError(f"longer than {within:g} s") from None


def is_running() -> bool:
    """Has this process a loop?"""
    return os.getpid() in _loops


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        if os.getpid() not in _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True, name="mcp").start()
            _loops[os.getpid()] = loop
        return _loops[os.getpid()]
