"""Docstrings promise. Modules, packages, public classes and public functions have one; a package's is its map."""

from __future__ import annotations

import ast
import re

from tests.architecture import tree

FILE_IN_A_MAP = re.compile(r"^\s*(?P<files>[a-z_]+\.py(?:[ ,]+[a-z_]+\.py)*)\s", re.MULTILINE)


def test_every_module_has_one():
    files = [*tree.product(), *tree.tests(), tree.ROOT / "manage.py"]
    assert [
        tree.name(path) for path in files if tree.parsed(path).body and not ast.get_docstring(tree.parsed(path))
    ] == []


def test_every_package_has_one():
    packages = [path for path in tree.product() if path.name == "__init__.py" and "migrations" not in path.parts]
    needless = {"management", "commands", "templatetags"}  # Django asks for them; there is nothing to say
    told = [path for path in packages if path.parent.name not in needless]
    assert [tree.name(path) for path in told if not ast.get_docstring(tree.parsed(path))] == []


def test_everything_public_has_one():
    silent = [
        f"{tree.at(path, node)} {node.name}"
        for path in tree.product()
        for node in tree.parsed(path).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_map_names_a_file_that_is_gone():
    lost = [
        f"{tree.name(path)}: {file}"
        for path in tree.product()
        if path.name == "__init__.py"
        for match in FILE_IN_A_MAP.finditer(ast.get_docstring(tree.parsed(path)) or "")
        for file in re.findall(r"[a-z_]+\.py", match["files"])
        if not (path.parent / file).exists()
    ]
    assert lost == []
