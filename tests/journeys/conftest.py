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
def migrated(request: pytest.FixtureRequest) -> str | None:
    """The database of the session's other tests, if there are any: to migrate one more takes as long as a journey."""
    from django.db import connections

    if not any(item.get_closest_marker("django_db") for item in request.session.items):
        return None
    request.getfixturevalue("django_db_setup")
    connections.close_all()
    return str(connections["default"].settings_dict["NAME"])


@pytest.fixture(scope="session")
def nexus(tmp_path_factory: pytest.TempPathFactory, migrated: str | None) -> Iterator[Stack]:
    """The running stack. Whatever ran on it, no secret is in anything that it leaves behind."""
    with stack(tmp_path_factory.mktemp("nexus"), like=migrated) as running:
        yield running
        assert leaks.secrets(running) == set()


@pytest.fixture(autouse=True)
def whole_again(nexus: Stack) -> Iterator[None]:
    """Whatever a journey stopped, and did not start again because it failed, is there for the next."""
    yield
    nexus.mend()
