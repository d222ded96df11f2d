"""Every promise of the earlier systems names the tests that prove it, and those tests exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.architecture import tree

PAGE = tree.ROOT / "docs" / "reference" / "parity.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[tuple[str, str]]:
    """Each row's promise, and its cell of tests."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line.strip())[1:-1] for line in lines]
    return [(found[0].strip(), found[-1]) for found in cells if found[0].strip() != "promise"]


@cache
def functions(file: str) -> set[str]:
    """What is defined in a file of tests, in classes too."""
    path = tree.ROOT / file
    if not path.is_file():
        return set()
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.nodes(tree.parsed(path)) if isinstance(node, defined)}


def missing(cell: str) -> list[str]:
    """The tests of a cell that are not there."""
    return [f"{file}::{name}" for file, name in NAMED.findall(cell) if name not in functions(file)]


def test_every_promise_names_a_test_that_exists():
    assert [(promise, missing(cell)) for promise, cell in rows() if not NAMED.search(cell) or missing(cell)] == []


@pytest.mark.parametrize(
    "cell", ["`tests/architecture/test_parity.py::test_of_nobody`", "`tests/unit/test_nothing.py::test_something`"]
)
def test_a_test_that_does_not_exist_is_seen(cell):
    assert missing(cell)
