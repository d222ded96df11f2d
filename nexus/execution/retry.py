"""When to try again: full-jitter exponential backoff, so that what failed together does not return together."""

from __future__ import annotations

from random import Random


def delay(*, attempt: int, base: float, cap: float, random: Random) -> float:
    """Seconds before attempt number `attempt` + 1: uniform between 0 and min(cap, base * 2^attempt).

    Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0, min(cap, base * 2 ** min(attempt, 30)))
