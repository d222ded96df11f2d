"""Was the machine ours? A fixed piece of work on all cores, and the time that others used."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import dataclass

import psutil

BLOCK, BLOCKS = b"\0" * (1 << 20), 100
"""A tenth of a second or so on each core; hashing a large block holds no lock."""


def fixed_work() -> float:
    """Hash on every core at once; return the seconds that it took."""
    threads = [threading.Thread(target=_hash) for _ in range(os.cpu_count() or 1)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _hash() -> None:
    digest = hashlib.sha256()
    for _ in range(BLOCKS):
        digest.update(BLOCK)


@dataclass(frozen=True)
class Busy:
    """Seconds of CPU: of the whole machine, and when that was read."""

    all_of_it: float
    at: float

    @classmethod
    def now(cls) -> Busy:
        """Read it."""
        times = psutil.cpu_times()
        idle = times.idle + getattr(times, "iowait", 0.0)
        guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # counted in user already
        return cls(all_of_it=sum(times) - idle - guests, at=time.perf_counter())


def foreign(before: Busy, after: Busy, *, ours: float) -> float:
    """The part of all cores that somebody else used between two readings; `ours` is in seconds of CPU."""
    whole = (after.at - before.at) * (os.cpu_count() or 1)
    return max(0.0, (after.all_of_it - before.all_of_it - ours) / whole) if whole else 0.0
