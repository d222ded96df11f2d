"""One whole Nexus for all journeys; each leaves it as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.stack import Stack, stack


@pytest.fixture(scope="session")
def nexus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack."""
    with stack(tmp_path_factory.mktemp("nexus")) as running:
        yield running
