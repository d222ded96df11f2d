"""Slots, shares of a minute and rests, counted in this process alone: what is left of the limits while Redis is away.

Pure but for its own memory; the same rules as lua/take.lua and lua/give.lua.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class _Ration:
    slots: dict[Hashable, float] = field(default_factory=dict)
    levels: dict[str, tuple[float, float]] = field(default_factory=dict)
    failures: int = 0
    shut_until: float = 0.0


class Rations:
    """What this process counts for each model; threads may share it."""

    def __init__(self, *, failures: int, longest_rest: float) -> None:
        """Leave a model alone after so many failures in a row, for at most so many seconds."""
        self._failures = failures
        self._longest_rest = longest_rest
        self._kept: dict[Hashable, _Ration] = {}
        self._lock = threading.Lock()

    def take(
        self, place: Hashable, holder: Hashable, *, now: float, lease: float, tokens: int,
        concurrent: int, requests: int, per_minute: int,
    ) -> tuple[str, float]:  # fmt: skip
        """Take a slot: `("ok", 0)`, or why there is none and for how many seconds."""
        with self._lock:
            kept = self._kept.setdefault(place, _Ration())
            if kept.shut_until > now:
                return "resting", kept.shut_until - now
            kept.slots = {one: until for one, until in kept.slots.items() if until > now}
            if concurrent and len(kept.slots) >= concurrent:
                return "busy", 1.0
            left: dict[str, tuple[float, float]] = {}
            for name, rate, amount in (("requests", requests, 1), ("tokens", per_minute, tokens)):
                if not rate:
                    continue
                level, at = kept.levels.get(name, (float(rate), now))
                has = min(float(rate), level + (now - at) * rate / 60)
                needed = min(amount, rate)
                if has < needed:
                    return name, (needed - has) * 60 / rate
                left[name] = (has - amount, now)
            if kept.shut_until:
                kept.shut_until = now + min(lease, 10.0)
            kept.levels |= left
            kept.slots[holder] = now + lease
            return "ok", 0.0

    def give(self, place: Hashable, holder: Hashable, verdict: str, *, now: float, rest: float) -> None:
        """Give it back, with what became of the request."""
        with self._lock:
            kept = self._kept.setdefault(place, _Ration())
            kept.slots.pop(holder, None)
            if verdict == "worked":
                kept.failures, kept.shut_until = 0, 0.0
            elif verdict == "failed":
                kept.failures += 1
                over = kept.failures - self._failures
                if not rest and over >= 0:
                    rest = min(self._longest_rest, 2.0 ** min(over, 16))
                if rest:
                    kept.shut_until = max(kept.shut_until, now + rest)
