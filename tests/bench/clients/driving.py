"""The client that every contestant has: keeps so many orders in flight, and times each from filing to its end.

It is driven by lines of JSON on stdin and answers in lines of JSON on stdout.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection, Iterable
from typing import Any, Protocol

BURST = 20
"""Orders that are filed between two looks at what has finished."""
FILL_WITHIN = 5.0
"""Seconds to have a hundred in flight, and four times that for thousands. A contestant that finishes as fast as the
client files never has them all: what it reached is told.
"""
FEWEST = 10
"""A slow contestant is given up to six times the seconds to finish so many."""


class Client(Protocol):
    """One process that files orders and learns of their end."""

    def file(self) -> Any:
        """File an order; return what it is known by."""

    def finished(self, open_ones: Collection[Any], wait: float) -> Iterable[Any]:
        """Return some of those that have finished; wait up to so many seconds for the first."""


def serve(client: Client) -> None:
    """Do what the lines on stdin say until they end."""
    say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "load":
            say(load(client, in_flight=asked["in_flight"], seconds=asked["seconds"]))
        elif asked["do"] == "one":
            say(load(client, in_flight=1, seconds=0))


def say(answer: dict[str, Any]) -> None:
    """Write one line."""
    sys.__stdout__.write(json.dumps(answer) + "\n")
    sys.__stdout__.flush()


def load(client: Client, *, in_flight: int, seconds: float) -> dict[str, Any]:
    """Keep `in_flight` orders open; count what finishes in a window of `seconds` that begins when all are filed.

    A second before the window warms what was asleep; afterwards everything that is open is waited for.
    """
    began, wait = time.perf_counter(), 0.001 * in_flight**0.5
    fill_within = FILL_WITHIN if in_flight <= 100 else 4 * FILL_WITHIN
    seen: list[int] = []
    open_ones: dict[Any, float] = {}
    latencies: list[float] = []
    filed, counts_from, counted_to = 0, None, None
    while counted_to is None or open_ones:
        if counted_to is None:
            for _ in range(min(BURST, in_flight - len(open_ones))):
                at = time.perf_counter()
                open_ones[client.file()] = at
                filed += 1
        now = time.perf_counter()
        is_filled = len(open_ones) >= in_flight or now - began > fill_within
        if counts_from is None and is_filled and now - began >= min(1.0, seconds):
            counts_from = now
        seen += [len(open_ones)] if counts_from is not None and counted_to is None else []
        is_full = len(open_ones) >= in_flight or counted_to is not None
        for one in client.finished(open_ones, wait if is_full else 0.0):
            since, now = open_ones.pop(one, None), time.perf_counter()
            if since is not None and counts_from is not None and counted_to is None:
                latencies.append(now - since)
        now = time.perf_counter()
        if counts_from is not None and counted_to is None and _is_enough(now - counts_from, len(latencies), seconds):
            counted_to = now
    window = (counted_to or 0.0) - (counts_from or 0.0)
    return {
        "filed": filed, "counted": len(latencies), "window_s": window, "in_flight": sum(seen) / max(1, len(seen)),
        "latencies_ms": _quantiles(latencies),
    }  # fmt: skip


def _is_enough(passed: float, counted: int, seconds: float) -> bool:
    fewest = FEWEST if seconds else 1
    return passed >= seconds and (counted >= fewest or passed >= max(60.0, 6 * seconds))


def _quantiles(latencies: list[float]) -> dict[str, float]:
    ordered = sorted(latencies) or [0.0]
    at = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * q))], 3) for name, q in at.items()}
