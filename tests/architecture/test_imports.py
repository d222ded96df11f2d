"""Imports point one way. import-linter keeps the contracts of pyproject.toml; here they are run as a test."""

from __future__ import annotations

import subprocess
import sys

import pytest
from importlinter.api import read_configuration

from tests.architecture import tree

CONTRACTS = read_configuration(str(tree.ROOT / "pyproject.toml"))["contracts_options"]


@pytest.fixture(scope="module")
def report() -> subprocess.CompletedProcess[str]:
    """One run of import-linter over the whole product."""
    # A process of its own: it imports the packages to find them, and must see them as a stranger would.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("contract", [contract["name"] for contract in CONTRACTS])
def test_the_contract_is_kept(report, contract):
    squeezed = " ".join(report.stdout.split())
    assert f"{' '.join(contract.split())} KEPT" in squeezed, report.stdout + report.stderr


def test_no_contract_is_broken(report):
    assert report.returncode == 0, report.stdout + report.stderr


def test_no_contract_has_an_exception():
    assert [contract["name"] for contract in CONTRACTS if contract.get("ignore_imports")] == []
