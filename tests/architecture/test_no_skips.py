"""Tests that cannot fail prove nothing: no eager Celery, no mocks of servers, no naps, no swallowed errors."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.architecture import tree

SERVERLESS = {"unittest.mock", "mock", "pytest_mock", "fakeredis", "mongomock", "sqlite3"}
NO_BROKER = tuple(f"{scheme}:/" for scheme in ("memory", "cache+memory", "filesystem"))
NAPS = {"time.sleep", "sleep"}
SUPPORT = "tests/support/"
"""Where waiting for a fact is written once; only there may a poll pause between two looks."""
PACED = "tests/bench/"
"""Load is paced by the clock: that is what is measured there, and no test."""
SKIPS = {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail", "pytest.skip", "pytest.xfail", "unittest.skip"}
MAY_SKIP = {"tests/unit/test_compose_file.py"}
"""docker compose is not on every machine; the same file is checked against a schema on all of them."""
PROOFS = ("assert", "expect", "wait", "raises", "check", "validate")
"""How a call begins that raises unless something is so."""


def imports(source: ast.Module) -> set[str]:
    """Every module the file imports, by full name."""
    names = set()
    for node in tree.nodes(source):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls(source: ast.AST) -> list[ast.Call]:
    """Every call in the source."""
    return [node for node in tree.nodes(source) if isinstance(node, ast.Call)]


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether an except clause takes everything and says nothing."""
    broad = handler.type is None or tree.dotted(handler.type) in {"Exception", "BaseException"}
    return broad and all(isinstance(statement, ast.Pass | ast.Continue) for statement in handler.body)


def test_celery_is_never_eager():
    files = [*tree.product(), *tree.tests()]
    assert [tree.at(path, node) for path in files for node in tree.nodes(tree.parsed(path)) if makes_eager(node)] == []


def makes_eager(node: ast.AST) -> bool:
    """Whether this sets the switch that runs tasks in the caller, or names a broker that is not one."""
    match node:
        case (
            ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.keyword(arg=str(name))
        ):
            return name.lower().endswith("task_always_eager")
        case ast.Dict(keys=keys):
            words = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            return any(word.lower().endswith("task_always_eager") for word in words)
        case ast.Constant(value=str(text)):
            return text.startswith(NO_BROKER)
    return False


def test_nothing_stands_in_for_a_server():
    found = {tree.name(path): sorted(imports(tree.parsed(path)) & SERVERLESS) for path in tree.tests()}
    assert {name: names for name, names in found.items() if names} == {}


def test_tests_wait_for_facts_and_not_for_the_clock():
    naps = [
        tree.at(path, call)
        for path in tree.tests()
        if not tree.name(path).startswith((SUPPORT, PACED))
        for call in calls(tree.parsed(path))
        if tree.dotted(call.func) in NAPS
    ]
    assert naps == []


def test_no_test_is_skipped_or_expected_to_fail_in_silence():
    skipped = [
        tree.at(path, node)
        for path in tree.tests()
        if tree.name(path) not in MAY_SKIP
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.Attribute) and tree.dotted(node) in SKIPS
    ]
    assert skipped == []


def test_no_error_is_swallowed():
    swallowed = [
        tree.at(path, node)
        for path in [*tree.product(), *tree.tests()]
        for node in tree.nodes(tree.parsed(path))
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    ]
    assert swallowed == []


def test_every_test_can_fail():
    empty = [
        f"{tree.at(path, test)} {test.name}"
        for path in tree.tests()
        if path.name.startswith("test_")
        for test in tree.functions(path)
        if test.name.startswith("test_") and not proves(test, supported(tree.parsed(path)))
    ]
    assert empty == []


@cache
def supported(source: ast.Module) -> set[str]:
    """The names that a file takes from tests.support: it waits for facts, and raises when they do not come."""
    taken = [node for node in tree.nodes(source) if isinstance(node, ast.ImportFrom)]
    return {name.name for node in taken if (node.module or "").startswith("tests.support") for name in node.names}


def proves(test: ast.AST, support: set[str]) -> bool:
    """Whether a test asserts something itself or by a call that does."""
    if any(isinstance(node, ast.Assert) for node in tree.nodes(test)):
        return True
    called = [tree.dotted(call.func).split(".") for call in calls(test)]
    return any(names[-1].lstrip("_").startswith(PROOFS) or names[0] in support for names in called)


@pytest.mark.parametrize(
    "line",
    [
        "CELERY_TASK_ALWAYS_EAGER = True",
        "app.conf.task_always_eager = True",
        "app.conf.update(task_always_eager=True)",
        "settings = {'CELERY_TASK_ALWAYS_EAGER': True}",
        "app = Celery(broker='memory' ':' '//')",
    ],
)
def test_the_rule_sees_every_way_to_be_eager(line):
    assert any(makes_eager(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize("clause", ["except Exception:\n  pass", "except:\n  pass", "except BaseException:\n  pass"])
def test_the_rule_sees_a_swallowed_error(clause):
    (handler,) = ast.parse(f"try:\n  act()\n{clause}").body[0].handlers
    assert swallows(handler)
