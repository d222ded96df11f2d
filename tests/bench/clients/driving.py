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
FEWEST, REFILL = 10, 1.5
"""However short the seconds are, so many orders are filed, and so many times the number in flight."""
WARM_FOR, WARM_WITH = 1.0, 20


class Client(Protocol):
    """One process that files orders and learns of their end."""

    def file(self) -> Any:
        """File an order; return what it is known by."""

    def finished(self, open_ones: Collection[Any], wait: float) -> Iterable[Any]:
        """Return some of those that have finished; wait up to so many seconds for the first."""


def serve(client: Client) -> None:
    """Do what the lines on stdin say until they end."""
    say({"ready": True})
    filed: list[Any] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "load":
            load(
                client, in_flight=min(WARM_WITH, asked["in_flight"]), seconds=min(WARM_FOR, asked["seconds"]), fewest=1
            )
            say(load(client, in_flight=asked["in_flight"], seconds=asked["seconds"]))
        elif asked["do"] == "fill":
            filed = [client.file() for _ in range(asked["in_flight"])]
            say({"filed": len(filed)})
        elif asked["do"] == "drain":
            say(load(client, in_flight=asked["in_flight"], seconds=asked["seconds"], filed_before=filed))
        elif asked["do"] == "one":
            say(load(client, in_flight=1, seconds=0, fewest=1))


def say(answer: dict[str, Any]) -> None:
    """Write one line."""
    sys.__stdout__.write(json.dumps(answer) + "\n")
    sys.__stdout__.flush()


def load(
    client: Client, *, in_flight: int, seconds: float, fewest: int = FEWEST, filed_before: Collection[Any] = ()
) -> dict[str, Any]:
    """Keep `in_flight` orders open for so many seconds, then let all of them end; every one of them counts.

    Those that were filed before, and wait, count from now.

    The whole is timed, from the first filing to the last end: queues carry orders in waves, and a window would hold
    one wave more or less.
    """
    fewest = max(fewest, int(REFILL * in_flight) if seconds else 1)
    began, wait, filed, is_filing = time.perf_counter(), 0.001 * in_flight**0.5, len(filed_before), True
    open_ones: dict[Any, float] = dict.fromkeys(filed_before, began)
    latencies: list[float] = []
    seen: list[int] = []
    while is_filing or open_ones:
        if is_filing:
            for _ in range(min(BURST, in_flight - len(open_ones))):
                at = time.perf_counter()
                open_ones[client.file()] = at
                filed += 1
            seen.append(len(open_ones))
            is_filing = not _is_enough(time.perf_counter() - began, filed - fewest, seconds)
        is_full = len(open_ones) >= in_flight or not is_filing
        ended = [one for one in client.finished(open_ones, wait if is_full else 0.0) if one in open_ones]
        now = time.perf_counter()
        latencies += [now - open_ones.pop(one) for one in ended]
    return {
        "filed": filed, "took_s": time.perf_counter() - began, "in_flight": sum(seen) / len(seen),
        "latencies_ms": _quantiles(latencies),
    }  # fmt: skip


def _is_enough(passed: float, above: int, seconds: float) -> bool:
    """A slow contestant is given six times the seconds to file the fewest."""
    return passed >= seconds and (above >= 0 or passed >= max(30.0, 6 * seconds))


def _quantiles(latencies: list[float]) -> dict[str, float]:
    ordered = sorted(latencies) or [0.0]
    at = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * q))], 3) for name, q in at.items()}
