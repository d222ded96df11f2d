"""Style and types, by the tools that know them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture import tree

CHECKED = [*tree.ROOMS, "tests", "manage.py"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=tree.ROOT, capture_output=True, text=True, timeout=280, check=False
    )


def test_ruff_finds_nothing():
    outcome = run("ruff", "check", "--no-cache", "--output-format=concise", *CHECKED)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_every_file_is_formatted():
    outcome = run("ruff", "format", "--no-cache", "--check", *CHECKED)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)  # a first run reads the stubs of every dependency
def test_mypy_finds_nothing():
    outcome = run("mypy")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
