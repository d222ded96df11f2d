"""A breaker before Redis: what does not answer is left alone for a moment."""

from __future__ import annotations

import time


class Breaker:
    """Counts failures in a row. Used by one process; threads may share it, a lost count costs one more try."""

    def __init__(self, *, tries: int, quiet_for: float) -> None:
        """Open after `tries` failures in a row, for `quiet_for` seconds each time."""
        self._tries = tries
        self._quiet_for = quiet_for
        self._quiet_until = 0.0
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Should the caller not even try?"""
        return time.monotonic() < self._quiet_until

    def failed(self) -> None:
        """Count a failure."""
        self.failures += 1
        if self.failures >= self._tries:
            self._quiet_until = time.monotonic() + self._quiet_for

    def worked(self) -> None:
        """Forget the failures."""
        self.failures = 0
