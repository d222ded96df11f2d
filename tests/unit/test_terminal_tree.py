"""An order as lines of text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.terminal import tree
from apps.terminal.console import duration, fit, table, width

NOW = datetime(2026, 11, 22, 12, 0, 9, tzinfo=UTC)


def task(key: str, **fields: Any) -> dict[str, Any]:
    attempt = {"number": 1, "started_at": "2026-11-22T12:00:01+00:00", "finished_at": None, "outcome": None}
    usual = {
        "key": key, "title": key.title(), "type": "workorders.step", "queue": "nexus.agents", "role": "intern",
        "model": None, "state": "pending", "depends_on": [], "priority": 5, "attempts": [], "waiting_for": None,
        "tokens": {"input": 0, "output": 0}, "cost_usd": "0.000000000", "progress": None,
    }  # fmt: skip
    if fields.get("state") in ("running", "completed"):
        usual["attempts"] = [attempt]
    return usual | fields


def order(*tasks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "WO-20261122-0001", "status": "in_progress", "created_at": "2026-11-22T12:00:00+00:00",
        "finished_at": None, "cost_usd": "0.031400000", "budget_usd": None, "sandbox": False,
        "tokens": {"input": 12_345, "output": 678}, "waiting_for": None, "question": None, "tasks": list(tasks),
    } | fields  # fmt: skip


def drawn(shown_order: dict[str, Any], *, columns: int = 90, **fields: Any) -> list[str]:
    return tree.lines(shown_order, tree.Shown(now=NOW, columns=columns, written=fields.get("written", {})))


def test_the_head_says_how_it_stands_what_it_cost_and_that_no_model_was_asked() -> None:
    head = drawn(order(sandbox=True, budget_usd="0.100000000"))[0]
    assert head == "WO-20261122-0001  in progress  9.0s  $0.0314 of $0.1000 (31%)  12k in, 678 out  sandbox"
    assert "sandbox" not in drawn(order())[0]


def test_tasks_of_one_depth_stand_side_by_side() -> None:
    one, two, three = (task(key, depends_on=["plan"]) for key in ("one", "two", "three"))
    lines = drawn(order(task("plan"), one, two, three, task("join", depends_on=["one", "two", "three"])))
    assert [line[2:4] for line in lines[1:]] == ["  ", "┬ ", "├ ", "└ ", "  "]


def test_a_running_task_shows_its_bar_or_how_much_was_written() -> None:
    bar = drawn(order(task("draft", state="running", progress={"fraction": 0.6, "note": "3 of 5"})))[1]
    assert "██████░░░░  60%" in bar
    assert "Draft: 3 of 5" in bar
    assert "▶" in bar
    told = drawn(order(task("draft", state="running")), written={"draft": 1234})[1]
    assert "1234 characters" in told


def test_a_done_task_shows_time_cost_and_tokens_and_a_waiting_one_says_why() -> None:
    done = task(
        "draft", state="completed", model="claude-opus-5-5", cost_usd="0.007900000", tokens={"input": 1, "output": 27}
    )
    done["attempts"][0]["finished_at"] = "2026-11-22T12:00:03+00:00"
    waits = task("review", state="waiting_approval", waiting_for="A person is needed: the budget is used up")
    lines = drawn(
        order(done, waits, status="blocked", waiting_for="A person is needed: the budget is used up"), columns=120
    )
    assert "2.0s" in lines[1]
    assert "$0.0079" in lines[1]
    assert "27 tok" in lines[1]
    assert "opus-5-5" in lines[1]
    assert "A person is needed" in lines[2]
    assert lines[-1].strip() == "A person is needed: the budget is used up"


def test_a_second_attempt_is_named() -> None:
    again = task("draft", state="running")
    again["attempts"] *= 2
    assert "attempt 2" in drawn(order(again))[1]


@pytest.mark.parametrize("columns", [40, 79, 120, 200])
def test_no_line_is_wider_than_the_window(columns: int) -> None:
    titles = [
        "如何写好提交信息，让审阅的人一眼看懂" * 3,
        "A title that is far too long for any window at all " * 3,
        "e\u0301" * 90,
    ]
    tasks = [task(f"t{number}", title=title, state="completed") for number, title in enumerate(titles)]
    for line in drawn(order(*tasks), columns=columns)[1:]:
        assert width(line) <= max(columns, 70), line


def test_chinese_takes_two_columns_and_is_cut_between_characters() -> None:
    assert width("提交ab") == 6
    assert fit("提交信息", 5) == "提交…"
    assert fit("提交信息", 4) == "提… "
    assert fit("ab", 4) == "ab  "
    assert fit("two\nlines", 20).strip() == "two lines"
    assert table([("提", "x"), ("ab", "y")]) == "提  x\nab  y"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4s"), (12, "12s"), (185, "3:05"), (3723, "1:02:03")]
)  # fmt: skip
def test_durations_read_as_people_write_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text
