"""Fixtures for every kind of test. The servers are started by tests/support/servers.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("fast", max_examples=20)  # what `bin/nexus test --fast` asks for


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The session's Valkey."""
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which a test that commits leaves as it found it."""
    from django.test import TransactionTestCase

    from tests.support import tables

    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            if tables.can_be_emptied():
                tables.flush()
                tables.written_by_migrate()
                patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: tables.empty())
        yield


@pytest.fixture(autouse=True)
def unknown_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What earlier tests did quickly changes nothing: each worker that a test plays begins as a new process does."""
    from nexus.execution import pace, runner

    monkeypatch.setattr(runner, "pace", pace.Pace())


@pytest.fixture
def valkey_flushed(redis_url: str) -> Iterator[str]:
    """An empty Valkey, before and after."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield redis_url
        client.flushall()
