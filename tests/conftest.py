"""Fixtures for every kind of test. The servers are started by tests/support/servers.py."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The session's Valkey."""
    return os.environ["REDIS_URL"]


@pytest.fixture
def valkey_flushed(redis_url: str) -> Iterator[str]:
    """An empty Valkey, before and after."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield redis_url
        client.flushall()
