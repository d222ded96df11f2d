"""The process environment is read in one place inside Django, so that the list of settings is complete."""

from __future__ import annotations

import ast

from tests.architecture import tree

READERS = (
    "config/env.py",  # everything Django knows
    "nexus/embedded/",  # the supervisor: it writes the environment of its children
    "apps/terminal/",  # a client, not a part of the server: it has no settings
    "apps/sandbox/__main__.py",  # a stranger's server, with options of its own
)
READING = {"os.environ", "os.getenv", "os.environb", "environ", "getenv"}


def reads_environment(source: ast.Module) -> list[ast.AST]:
    """Every mention of the environment but the one line that names the settings module to an entry point."""
    named = [node.func.value for node in tree.nodes(source) if _names_the_settings(node)]
    return [
        node
        for node in tree.nodes(source)
        if isinstance(node, ast.Attribute | ast.Name) and tree.dotted(node) in READING and node not in named
        if not _is_part_of_a_name(node, source)
    ]


def _names_the_settings(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and tree.dotted(node.func) == "os.environ.setdefault"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == "DJANGO_SETTINGS_MODULE"
    )


def _is_part_of_a_name(node: ast.AST, source: ast.Module) -> bool:
    # A bare `environ` counts only where it came from os; django-environ has the same name.
    if not isinstance(node, ast.Name):
        return False
    imported = [n for n in tree.nodes(source) if isinstance(n, ast.ImportFrom) and n.module == "os"]
    return not any(alias.name == node.id for statement in imported for alias in statement.names)


def test_only_its_readers_read_the_environment():
    found = [
        tree.at(path, node)
        for path in [*tree.product(), tree.ROOT / "manage.py"]
        if not tree.name(path).startswith(READERS)
        for node in reads_environment(tree.parsed(path))
    ]
    assert found == []


def test_the_rule_sees_the_ways_to_read_it():
    for line in ("import os; os.environ['A']", "import os; os.getenv('A')", "from os import environ; environ.get('A')"):
        assert reads_environment(ast.parse(line)), line


def test_the_rule_lets_an_entry_point_name_its_settings():
    assert not reads_environment(ast.parse("import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')"))
