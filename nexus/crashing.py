"""Crash points: where a process dies on purpose, so that a proof can be made of what others make good.

NEXUS_CRASH="K9:3" kills the process that passes K9 for the third time. Unset, a point costs one call.
Production refuses to start with it (nexus.E004). docs/reference/fault-matrix.md says where each point stands.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from functools import lru_cache

POINTS = (
    "K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K17", "K18", "K19", "K13", "K14", "K15",
)  # fmt: skip
"""In the order in which an order passes them."""


def crash(point: str) -> None:
    """Die here by SIGKILL if this process was told to."""
    armed, passed = _armed()
    if point == armed:
        passed()


def parse(told: str) -> tuple[str, int]:
    """Read "K9:3" or "K9"; raise ValueError for a point that is none."""
    point, _, times = told.partition(":")
    if point not in POINTS or int(times or 1) < 1:
        raise ValueError(f"NEXUS_CRASH={told!r}: a point is one of {', '.join(POINTS)}, its pass 1 or more")
    return point, int(times or 1)


@lru_cache(maxsize=1)
def _armed() -> tuple[str, Callable[[], None]]:
    from django.conf import settings

    if not settings.NEXUS_CRASH:
        return "", lambda: None
    point, times = parse(settings.NEXUS_CRASH)
    passes = itertools.count(1)

    def passed() -> None:
        if next(passes) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return point, passed
