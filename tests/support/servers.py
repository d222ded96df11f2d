"""A pytest plugin: the session starts its own Postgres and Valkey from the wheels.

Loaded with `-p`, because Django reads DATABASE_URL before the first conftest is imported.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

_servers = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """Start the servers before anything reads the settings, unless they are named or nothing needs them."""
    if "DATABASE_URL" not in os.environ and not _only_unit(early_config.known_args_namespace.file_or_dir):
        from nexus.embedded import postgres, valkey

        made = tempfile.TemporaryDirectory(prefix="nexus-test-", ignore_cleanup_errors=True)
        home = Path(_servers.enter_context(made))
        os.environ["DATABASE_URL"] = _servers.enter_context(postgres.running(home))
        os.environ["REDIS_URL"] = _servers.enter_context(valkey.running(home))
        os.environ["MEDIA_ROOT"] = str(home / "media")
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this session started."""
    _servers.close()


def _only_unit(paths: list[str]) -> bool:
    return bool(paths) and all("tests/unit" in path or "tests/architecture" in path for path in paths)
