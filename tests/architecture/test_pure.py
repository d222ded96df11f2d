"""What a package's map calls pure is pure: values in, values out, no framework and no driver, however far one looks."""

from __future__ import annotations

import ast
import re

import grimp
import pytest

from tests.architecture import tree

IMPURE = {"django", "celery", "kombu", "redis", "rest_framework", "channels", "psycopg", "anthropic", "openai"}
CLAIM = re.compile(r"^\s*(?P<file>[a-z_]+)\.py\s.*\(pure\b", re.MULTILINE)


def claimed() -> list[str]:
    """Every module that a map calls pure, by its full name."""
    maps = {path: ast.get_docstring(tree.parsed(path)) or "" for path in tree.product() if path.name == "__init__.py"}
    folders = {path: ".".join(path.parent.relative_to(tree.ROOT).parts) for path in maps}
    return sorted(f"{folders[path]}.{match['file']}" for path, text in maps.items() for match in CLAIM.finditer(text))


@pytest.fixture(scope="module")
def graph():
    """Who imports whom; what only a type checker reads is left out."""
    rooms = [room for room in tree.ROOMS if (tree.ROOT / room / "__init__.py").exists()]
    graph = grimp.build_graph(
        *rooms, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )
    # Domains may name the engine's values (a TaskSpec, an error), and its front door is the only way to name them.
    graph.remove_module("nexus.engine")
    return graph


@pytest.mark.parametrize("module", claimed())
def test_a_pure_module_reaches_no_framework(graph, module):
    reached = sorted(graph.find_upstream_modules(module) & IMPURE)
    chains = [" -> ".join(graph.find_shortest_chain(importer=module, imported=framework)) for framework in reached]
    assert chains == []


def test_maps_say_which_modules_are_pure():
    assert len(claimed()) > 10
