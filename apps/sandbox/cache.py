"""Prompt caching: how much of a prompt was seen before, and how much is written down for the next time.

It is counted, not used: a real cache saves work, this one gives the numbers by which such work is billed.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from apps.sandbox.costs import Piece

KEPT = 20_000
LEAST = 1024
"""Shorter prompts are not cached; the provider says nothing about it either."""
LOOK_BACK = 20
"""How many blocks before a breakpoint an earlier one is looked for."""
LIVES = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cached:
    """Of a prompt: tokens that were read from the cache, and tokens that were written into it, by their life."""

    read: int = 0
    short: int = 0
    long: int = 0

    @property
    def written(self) -> int:
        return self.short + self.long


NOT = Cached()


class Cache:
    """Beginnings of prompts, by digest, with the time at which each is forgotten."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: OrderedDict[str, float] = OrderedDict()

    def look(self, pieces: Iterable[Piece], *, scope: str, everywhere: str | None = None) -> Cached:
        """What this prompt finds, and leaves behind. `scope` keeps models apart.

        It is kept up to each breakpoint, or with `everywhere` (a life) up to every block.
        """
        ends = list(_ends(pieces, scope))
        marks = [
            number for number, (_, _, life) in enumerate(ends) if (everywhere or life) and ends[number][1] >= LEAST
        ]
        if not marks:
            return NOT
        found = max((self._found(ends, mark) for mark in marks), default=0)
        kept = dict.fromkeys(LIVES, 0)
        for mark in marks:
            digest, total, life = ends[mark]
            told = everywhere or life or "5m"
            kept[told] = max(kept[told], total)
            self._keep(digest, told)
        long = max(0, kept["1h"] - found)
        short = max(0, kept["5m"] - max(found, kept["1h"]))
        return Cached(read=found, short=short, long=long)

    def clear(self) -> None:
        """Forget everything."""
        self._until.clear()

    def _found(self, ends: list[tuple[str, int, str | None]], mark: int) -> int:
        now = self._clock()
        for digest, total, _ in reversed(ends[max(0, mark - LOOK_BACK) : mark + 1]):
            if total >= LEAST and self._until.get(digest, 0.0) > now:
                return total
        return 0

    def _keep(self, digest: str, life: str) -> None:
        self._until[digest] = max(self._until.get(digest, 0.0), self._clock() + LIVES[life])
        self._until.move_to_end(digest)
        while len(self._until) > KEPT:
            self._until.popitem(last=False)


def _ends(pieces: Iterable[Piece], scope: str) -> Iterable[tuple[str, int, str | None]]:
    """The digest and the cost of the prompt up to the end of each block, and how long it shall live."""
    digest, total = hashlib.sha256(scope.encode()), 0
    for piece in pieces:
        digest.update(json.dumps(piece.said, sort_keys=True, ensure_ascii=False).encode())
        total += piece.tokens
        yield digest.hexdigest(), total, (piece.keep or {}).get("ttl", "5m") if piece.keep else None
