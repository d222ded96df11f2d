"""A pytest plugin: who runs what when a session runs in several processes side by side (`-n`).

A file stays in one process, and journeys, which share one Nexus, do together; so do the rules of the checkout, which
share what they read. What takes longest is begun first, so that no process is left alone with it at the end.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/journeys/", "tests/architecture/")
FIRST = ("tests/architecture/", "tests/chaos/test_core.py", "tests/journeys/", "tests/races/")


def unit_of(nodeid: str) -> str:
    """What must run in one process with this test."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def turn_of(unit: str) -> int:
    """When it is begun: the smaller, the sooner."""
    return next((turn for turn, long in enumerate(FIRST) if unit.startswith(long)), len(FIRST))


class Sides(LoadScopeScheduling):
    """Hands units out, the longest first; who is done takes the next."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sides:
    """Hand the tests out our way, however many processes there are."""
    config.option.loadscopereorder = False
    return Sides(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put first what takes longest, where several processes share it."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: turn_of(unit_of(item.nodeid)))
