"""The test session starts its own Postgres and Valkey from the wheels, before Django reads its settings."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVERS = contextlib.ExitStack()
NEEDS_SERVERS = {"integration", "races", "journeys", "wire", "architecture"}


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once per session, and point the settings at them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    from nexus.embedded import postgres, valkey

    home = Path(SERVERS.enter_context(tempfile.TemporaryDirectory(prefix="nexus-test-", ignore_cleanup_errors=True)))
    os.environ["DATABASE_URL"] = SERVERS.enter_context(postgres.running(home / "home"))
    os.environ["REDIS_URL"] = SERVERS.enter_context(valkey.running(home / "home"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this session started."""
    SERVERS.close()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The session's Valkey."""
    return os.environ["REDIS_URL"]


@pytest.fixture
def valkey_flushed(redis_url: str) -> Iterator[str]:
    """An empty Valkey, before and after."""
    import redis

    client = redis.Redis.from_url(redis_url)
    client.flushall()
    yield redis_url
    client.flushall()
    client.close()
