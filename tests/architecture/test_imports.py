"""Imports point one way. import-linter keeps the contracts of pyproject.toml; here they are run as a test."""

from __future__ import annotations

import subprocess
import sys

from importlinter.api import read_configuration

from tests.architecture import tree

CONTRACTS = read_configuration(str(tree.ROOT / "pyproject.toml"))["contracts_options"]


def test_every_contract_is_kept():
    lint = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_logo=True, no_cache=True))"
    outcome = subprocess.run(
        [sys.executable, "-c", lint], cwd=tree.ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in outcome.stdout


def test_no_contract_has_an_exception():
    assert [contract["name"] for contract in CONTRACTS if contract.get("ignore_imports")] == []
