"""What agents did with tools, as lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apps.terminal import tree, uses


def event(kind: str, tool: str = "read_file", *, id: str = "a", task: str = "section_1", **data: Any) -> dict[str, Any]:
    return {"kind": kind, "task": task, "data": {"tool": tool, "id": id, "effect": "read"} | data}


STARTED = event("tool.started", input="{}")
ENDED = event("tool.ended", ms=1234, is_error=False, text="…")


def test_a_use_is_a_line_with_its_effect_and_how_long_it_took():
    assert uses.of([STARTED]).last("section_1") == ["read_file (read) …"]
    assert uses.of([STARTED, ENDED]).last("section_1") == ["read_file (read) 1.2s"]


def test_one_that_failed_or_was_not_done_says_so():
    failed = event("tool.ended", ms=10, is_error=True, text="…")
    refused = {
        "kind": "tool.refused",
        "task": "section_1",
        "data": {"tool": "rm", "id": "b", "text": "There is\nnone."},
    }
    assert uses.of([failed, refused]).last("section_1") == [
        "read_file (read) 0.0s failed",
        "rm not done: There is none.",
    ]


def test_an_id_that_comes_again_is_another_use():
    assert len(uses.of([STARTED, ENDED, STARTED, ENDED]).last("section_1")) == 2


def test_of_many_the_last_are_shown():
    lines = uses.of([event("tool.ended", ms=n * 1000, is_error=False) for n in range(9)]).last("section_1")
    assert (lines[0], len(lines)) == ("… 5 more", 5)
    assert lines[-1].endswith("8.0s")


def test_other_events_and_other_tasks_are_no_uses():
    heard = uses.of([{"kind": "task.started", "task": "section_1", "data": {}}, ENDED])
    assert (heard.last("review"), heard.ended) == ([], [("section_1", "read_file (read) 1.2s")])


def test_they_stand_below_their_task_in_the_tree():
    task = {
        "key": "section_1", "title": "One", "type": "section", "state": "running", "depends_on": [], "attempts": [],
        "tokens": {"input": 0, "output": 0}, "cost_usd": "0",
    }  # fmt: skip
    order = {
        "id": "WO-1", "status": "in_progress", "tasks": [task], "tokens": {"input": 0, "output": 0}, "cost_usd": "0",
        "created_at": "2026-11-22T00:00:00+00:00",
    }  # fmt: skip
    shown = tree.Shown(now=datetime(2026, 11, 22, tzinfo=UTC), columns=100, written={}, used=uses.of([ENDED]))
    assert tree.lines(order, shown)[-1].strip() == "· read_file (read) 1.2s"
