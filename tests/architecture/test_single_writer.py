"""One file writes a state. A second writer would be a second opinion about what may follow what."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture import tree

WRITERS = {
    "nexus": ("nexus/tasks/transitions.py", "nexus/tasks/sql/", "nexus/effects/ledger.py"),
    "agents": ("agents/requests.py", "agents/statements.py", "agents/sql/hot/"),
}
"""Per package: who may write a column called `state`. Packages that are not named have no such column to write."""

BIRTH = {"create", "acreate", "bulk_create", "get_or_create", "update_or_create"}
WRITES = {"update", "aupdate"}
SQL_WRITE = re.compile(r"\bupdate\b.{0,400}?\bset\b[^;]*?(?<![\w.\"])\"?state\"?\s*=", re.IGNORECASE | re.DOTALL)


def written_states(source: ast.Module) -> list[ast.AST]:
    """Every place that changes an attribute, a column or a field list named `state`."""
    return [node for node in tree.nodes(source) if _assigns(node) or _updates(node) or _is_sql(node)]


def _assigns(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=targets):
            return any(_is_state(target) for target in targets)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target, value=ast.expr()):
            return _is_state(target)
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
            return True
    return False


def _is_state(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == "state"


def _updates(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=attr), keywords=keywords) if attr in WRITES:
            return any(keyword.arg == "state" for keyword in keywords)
        case ast.Call(
            func=ast.Attribute(attr="bulk_update"), args=[_, ast.List(elts=fields) | ast.Tuple(elts=fields), *_]
        ):
            return any(isinstance(field, ast.Constant) and field.value == "state" for field in fields)
        case ast.keyword(arg="update_fields", value=ast.List(elts=fields) | ast.Tuple(elts=fields)):
            return any(isinstance(field, ast.Constant) and field.value == "state" for field in fields)
    return False


def _is_sql(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(SQL_WRITE.search(node.value))


def may_write(path: Path) -> bool:
    """Whether this file is the one its package trusts with states."""
    return tree.name(path).startswith(WRITERS.get(tree.name(path).split("/")[0], ("\0",)))


def test_nobody_else_writes_a_state_in_python():
    found = [
        tree.at(path, node)
        for path in tree.product()
        if not may_write(path)
        for node in written_states(tree.parsed(path))
    ]
    assert found == []


def test_nobody_else_writes_a_state_in_sql():
    files = [path for path in tree.product(suffix=".sql") if SQL_WRITE.search(path.read_text(encoding="utf-8"))]
    assert [tree.name(path) for path in files if not may_write(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "task.state = 'running'",
        "self.task.state: str = 'running'",
        "Task.objects.filter(pk=1).update(state='running', attempt=2)",
        "Task.objects.bulk_update(tasks, ['state'])",
        "task.save(update_fields=['state'])",
        "setattr(task, 'state', 'running')",
        "cursor.execute('UPDATE nexus_task SET attempt = 1, state = %s WHERE id = 1')",
    ],
)
def test_the_rule_sees_every_way_to_write_one(line):
    assert written_states(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "state = task.state",
        "Task.objects.filter(state='running').update(attempt=2)",
        "cursor.execute('UPDATE nexus_task SET attempt = 1 WHERE id = 1; SELECT state FROM nexus_task')",
    ],
)
def test_the_rule_lets_reading_be(line):
    assert not written_states(ast.parse(line))
