"""What the processes that serve and work ask of Python itself."""

from __future__ import annotations

import gc
import sys

GARBAGE = (50_000, 20, 100)
"""Objects that are made before Python looks for cycles among them, and how often it looks at those that lived longer;
its own are (700, 10, 10). A model call makes thousands that live as long as the call: a tenth of a worker's time went
into looking at them again and again."""
TURN = 0.0005
"""Seconds for which a thread may go on while another waits for the interpreter; Python's own are 0.005. Between two
answers of Postgres the thread that writes orders needs a twentieth of a millisecond, and waited for it until the event
loop had nothing left to do: a sixth of all requests that a web process takes."""


def collect_seldom() -> None:
    """Look for garbage where there is much, and never among what this process is made of. Children inherit it."""
    gc.set_threshold(*GARBAGE)
    gc.collect()
    gc.freeze()


def take_short_turns() -> None:
    """For an event loop beside threads that wait for Postgres: let them go on soon when they have their answer."""
    sys.setswitchinterval(TURN)
