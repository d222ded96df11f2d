"""How seldom the processes that serve and work look for garbage."""

from __future__ import annotations

import gc

GARBAGE = (50_000, 20, 100)
"""Objects that are made before Python looks for cycles among them, and how often it looks at those that lived longer;
its own are (700, 10, 10). A model call makes thousands that live as long as the call: a tenth of a worker's time went
into looking at them again and again."""


def collect_seldom() -> None:
    """Look for garbage where there is much, and never among what this process is made of. Children inherit it."""
    gc.set_threshold(*GARBAGE)
    gc.collect()
    gc.freeze()
