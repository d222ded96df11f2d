"""The dials an operator may turn, checked once. Read from settings.NEXUS; times there are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, kw_only=True)
class Dials:
    """Seconds, but where a unit is named. Refuses pairs that would lose or double work."""

    lease_for: float = 60.0
    """How long a worker holds a task without renewing."""
    heartbeat_every: float = 15.0
    """How often a worker process renews all its leases."""
    sweep_every: float = 5.0
    """How often the dispatcher looks for expired leases and due timers."""
    sweep_grace: float = 2.0
    """How far past its end a lease must be before it is taken away; never more than a lease."""
    ring_again_after: float = 30.0
    """How long a READY task that nobody claimed stays quiet before it is rung again; doubles up to 10 min."""
    covered_for: float = 2.0
    """How long a live canvas is given to ring a task before the dispatcher does."""
    head_start: float = 0.025
    """How long a worker has to come to the siblings of what it goes on with before a doorbell is spent on them."""
    retry_base: float = 5.0
    retry_cap: float = 300.0
    """Full-jitter backoff: uniform between 0 and min(cap, base * 2^attempt)."""
    go_on_for: float = 60.0
    """How long one delivery may go on from task to task of its queue."""
    dispatch_batch: int = 200
    most_bells: int = 64
    """Doorbells that may lie in one queue of the broker. More than hands come free between two looks at it."""
    ring_at_once: bool = True
    """Does whoever files a run ring its first doorbell, where everybody is idle? Else a dispatcher does."""

    def __post_init__(self) -> None:
        """Refuse at start what would only show at night."""
        if self.lease_for < 3 * self.heartbeat_every:
            raise ValueError("LEASE_FOR must cover three heartbeats, or one lost packet loses the task")
        if min(self.sweep_every, self.ring_again_after, self.covered_for, self.retry_base) <= 0:
            raise ValueError("SWEEP_EVERY, RING_AGAIN_AFTER, COVERED_FOR and RETRY_BASE must be above 0")
        if self.head_start < 0 or self.most_bells < 1:
            raise ValueError("HEAD_START must not be below 0, and MOST_BELLS at least 1: else nothing is ever rung")

    @property
    def grace(self) -> float:
        """The sweep's grace, in proportion to short leases."""
        return min(self.sweep_grace, self.lease_for / 10)


@lru_cache(maxsize=1)
def dials() -> Dials:
    """The dials of this process; a name in settings.NEXUS that is none of them is an error."""
    from django.conf import settings

    return Dials(**{name.lower(): value for name, value in getattr(settings, "NEXUS", {}).items()})
