"""The drawings of the state machines are the tables of the state machines."""

from __future__ import annotations

import re

from nexus.effects import kinds
from nexus.tasks import states
from tests.architecture import tree

PAGE = tree.ROOT / "docs/explanation/state-machines.md"
ARROW = re.compile(r"^\s*(?P<source>\w+) --> (?P<target>\w+)", re.MULTILINE)


def drawn(title: str) -> set[tuple[str, str]]:
    """The arrows of the drawing under the heading `title`."""
    page = PAGE.read_text(encoding="utf-8")
    section = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"{PAGE.name} has no section {title!r}"
    drawing = re.search(r"```mermaid\n(.*?)```", section[1], re.DOTALL)
    assert drawing, f"section {title!r} has no drawing"
    return {(match["source"], match["target"]) for match in ARROW.finditer(drawing[1])}


def test_the_drawing_of_a_task_is_the_table_of_moves():
    assert drawn("Task") == {(source.name, target.name) for source, target in states.MOVES}


def test_the_drawing_of_an_effect_is_the_table_of_moves():
    assert drawn("Effect") == {(source.name, target.name) for source, target in kinds.MOVES}


def test_the_drawing_of_a_run_shows_every_state():
    assert {name for arrow in drawn("Run") for name in arrow} == {state.name for state in states.RunState}
