"""A graph of specs is checked before it is written."""

from __future__ import annotations

import pytest

from nexus.errors import GraphInvalid
from nexus.tasks.graph import LARGEST, TaskSpec, validate


def spec(key: str, *after: str, **given) -> TaskSpec:
    """A task of a known type."""
    return TaskSpec(key=key, type="t", after=after, **given)


@pytest.mark.parametrize(
    ("specs", "pointer"),
    [
        ([], "/tasks"),
        ([spec("a"), spec("a")], "/tasks/1/key"),
        ([spec("a", "a")], "/tasks"),
        ([spec("a", "b"), spec("b", "a")], "/tasks"),
        ([spec("a", "nobody")], "/tasks/0/after"),
        ([spec("a"), spec("b", "a", "a")], "/tasks/1/after"),
        ([spec("new\nline")], "/tasks/0/key"),
        ([spec("x" * 101)], "/tasks/0/key"),
        ([spec("\u202eevil")], "/tasks/0/key"),
        ([TaskSpec(key="a", type="unknown")], "/tasks/0/type"),
        ([spec("a", priority=11)], "/tasks/0/priority"),
        ([spec("a", max_attempts=0)], "/tasks/0/max_attempts"),
        ([spec("a", timeout=0)], "/tasks/0/timeout"),
        ([spec(f"k{n}") for n in range(LARGEST + 1)], "/tasks"),
    ],
)
def test_what_cannot_run_is_refused_with_a_pointer(specs, pointer):
    with pytest.raises(GraphInvalid) as refused:
        validate(specs, types={"t"})
    assert refused.value.facts["pointer"] == pointer


def test_parents_may_be_in_the_run_already():
    validate([spec("b", "a")], types={"t"}, known={"a"})
    with pytest.raises(GraphInvalid):
        validate([spec("a")], types={"t"}, known={"a"})


def test_a_long_chain_is_no_problem():
    validate([spec("k0"), *(spec(f"k{n}", f"k{n - 1}") for n in range(1, LARGEST))], types={"t"})
