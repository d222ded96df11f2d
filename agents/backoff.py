"""How long to wait when the provider does not say. Pure."""

from __future__ import annotations

import random

BASE = 1.0
CAP = 60.0
"""Seconds: a provider that is back is noticed within a minute."""


def pause(tries: int, draw: random.Random | None = None) -> float:
    """Seconds after that many fruitless tries: 1, 2, 4 … 60, each with full jitter, so that a crowd spreads out."""
    longest = min(CAP, BASE * 2 ** min(max(tries - 1, 0), 16))
    return (draw or _random).uniform(0.25 * BASE, longest)


_random = random.Random()  # noqa: S311  # spreads load; nothing depends on its being unguessable
