"""The checkout as the rules see it: which files are the product's, what they define, how long they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("config", "apps", "workorders", "agents", "billing", "nexus")
"""The six packages of the product, top of the import order first."""

type_of_function = ast.FunctionDef | ast.AsyncFunctionDef


def product(*, suffix: str = ".py") -> list[Path]:
    """Every file of the product that a person wrote: generated migrations are not among them."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob(f"*{suffix}")]
    return sorted(path for path in found if not ("migrations" in path.parts and path.name[0].isdigit()))


def tests() -> list[Path]:
    """Every Python file under tests/."""
    return sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    """A file as people call it: its path from the top of the checkout."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree. Read once: a dozen rules look at the same files."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def nodes(source: ast.AST) -> tuple[ast.AST, ...]:
    """Everything in a syntax tree. Walked once, for the same reason: to walk takes longer than to parse."""
    return tuple(ast.walk(source))


def functions(path: Path) -> Iterator[type_of_function]:
    """Every function and method in the file, nested ones too."""
    for node in nodes(parsed(path)):
        if isinstance(node, type_of_function):
            yield node


def body_length(function: type_of_function) -> int:
    """Lines from the first statement after the docstring to the end."""
    statements = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


def dotted(node: ast.AST) -> str:
    """`a.b.c` for an expression made of names and attributes; the part that is known, otherwise."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def at(path: Path, node: ast.AST) -> str:
    """Where a finding is, as an editor opens it."""
    return f"{name(path)}:{node.lineno}"
