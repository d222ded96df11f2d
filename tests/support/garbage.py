"""A pytest plugin: the garbage collector looks seldom, and not at what stays to the end.

A session reads two thousand modules and tests, which are no garbage: to look at them again and again took a quarter of
the time of tests that need no server.
"""

from __future__ import annotations

import gc

import pytest

gc.set_threshold(50_000, 20, 20)  # Python's own are 700, 10, 10


def pytest_collection_finish() -> None:
    """Let the collector pass by all that was read."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Look once more for what tests have left open; to look at everything again on the way out took two seconds."""
    gc.collect()
    gc.freeze()
