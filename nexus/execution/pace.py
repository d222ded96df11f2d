"""How long tasks of each type take in this process: those that are short are done several at a time."""

from __future__ import annotations

SHORT = 0.002
"""Seconds that a type's tasks take at most, on average, to count as short: about what it costs to settle one."""
SURE_AFTER = 16
"""Tasks of a type before anything is said of it."""
WEIGHT = 1 / 8
"""Of the latest in the average."""


class Pace:
    """A moving average for each type. Threads may lose each other's samples: there are more where those came from."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._seen: dict[str, tuple[int, float]] = {}
        self.short: tuple[str, ...] = ()
        """The types that are short, in the order of their names."""

    def note(self, type: str, seconds: float) -> None:
        """Learn from one execution. One that took much longer than its kind makes it long for the next dozen."""
        times, average = self._seen.get(type, (0, 0.0))
        times, average = times + 1, average + (min(seconds, 16 * SHORT) - average) * max(WEIGHT, 1 / (times + 1))
        self._seen[type] = times, average
        if (times >= SURE_AFTER and average <= SHORT) != (type in self.short):
            self.short = tuple(sorted({*self.short} ^ {type}))


pace = Pace()
"""Of this process. A forked child goes on from what its parent knew."""
