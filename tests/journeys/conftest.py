"""One whole Nexus for all journeys; each leaves it as it found it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.support import leaks
from tests.support.stack import Stack, stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show the ends of the processes' logs with a journey that failed."""
    report = yield
    running = getattr(item, "funcargs", {}).get("nexus")
    if report.when == "call" and report.failed and running is not None:
        for process in running.running.values():
            report.sections.append((f"log of {process.name}", "\n".join(process.lines[-40:])))
    return report


@pytest.fixture(scope="session")
def nexus(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Stack]:
    """The running stack. Whatever ran on it, no secret is in anything that it leaves behind."""
    from django.db import connections

    connections.close_all()
    with stack(tmp_path_factory.mktemp("nexus"), like=connections["default"].settings_dict["NAME"]) as running:
        yield running
        assert leaks.secrets(running) == set()


@pytest.fixture(autouse=True)
def whole_again(nexus: Stack) -> Iterator[None]:
    """Whatever a journey stopped, and did not start again because it failed, is there for the next."""
    yield
    nexus.mend()
