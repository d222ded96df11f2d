"""A pytest plugin: the session starts its own Postgres and Valkey from the wheels, side by side each its own.

Loaded with `-p`, because Django reads DATABASE_URL before the first conftest is imported.
"""

from __future__ import annotations

import argparse
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
    if "DATABASE_URL" not in os.environ and _are_needed(early_config.known_args_namespace):
        from nexus.embedded import postgres, valkey

        made = tempfile.TemporaryDirectory(prefix="nexus-test-", ignore_cleanup_errors=True)
        home = Path(_servers.enter_context(made))
        os.environ["DATABASE_URL"] = _servers.enter_context(postgres.running(home))
        os.environ["REDIS_URL"] = _servers.enter_context(valkey.running(home))
        os.environ["MEDIA_ROOT"] = str(home / "media")
    yield


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Stop what this session started: a session beside others is gone when it has said that it is done."""
    _servers.close()


def pytest_unconfigure() -> None:
    """Stop them too where no session came of it."""
    _servers.close()


def _are_needed(given: argparse.Namespace) -> bool:
    """Whether tests run in this very process that ask servers: not where others run them, each with its own."""
    hands_on = given.numprocesses not in (None, 0) and "PYTEST_XDIST_WORKER" not in os.environ
    return not (hands_on or _only_unit(given.file_or_dir))


def _only_unit(paths: list[str]) -> bool:
    return bool(paths) and all("tests/unit" in path or "tests/architecture" in path for path in paths)
