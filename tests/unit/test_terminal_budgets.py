"""`bin/nexus budget`: what waits for money is shown with the way out."""

from __future__ import annotations

import argparse
import io

import pytest

from apps.terminal.commands import budgets
from apps.terminal.console import Console
from apps.terminal.deciding import what_is_needed

ENTRY = {
    "kind": "order", "key": "WO-20260217-0001", "limit_usd": "1.000000000", "spent_usd": "0.912000000",
    "reserved_usd": "0.000000000", "needed_usd": "0.126300000", "needed_in_all_usd": "1.515600001", "tasks": 12,
    "orders": 1, "since": "2026-02-17T09:30:00+00:00", "going_on": False,
}  # fmt: skip


def told(monkeypatch: pytest.MonkeyPatch, *entries: dict) -> tuple[int, str, str]:
    class Answers:
        def __init__(self, _address: object) -> None:
            pass

        def get(self, path: str) -> dict:
            assert path == "/api/v2/budgets/waiting"
            return {"results": list(entries)}

    monkeypatch.setattr(budgets, "Client", Answers)
    monkeypatch.setattr(budgets.place, "address", lambda: None)
    console = Console(io.StringIO(), io.StringIO())
    code = budgets.run(argparse.Namespace(words=["waiting"], json=False, reason=""), console)
    return code, console.out.getvalue(), console.err.getvalue()


def test_each_scope_is_a_line_and_the_limit_that_is_enough_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = told(monkeypatch, ENTRY)
    assert code == 0
    assert out.splitlines()[1].split() == [
        "order", "WO-20260217-0001", "$1.00", "$0.912", "$0.00", "$0.1263", "12", "2026-02-17", "09:30",
    ]  # fmt: skip
    assert "bin/nexus budget set order WO-20260217-0001 2.43" in err


def test_what_goes_on_by_itself_needs_no_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "bin/nexus" not in told(monkeypatch, {**ENTRY, "going_on": True})[2]


def test_where_nothing_waits_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch) == (0, "", "nothing waits for money\n")


def test_an_order_that_waits_for_a_budget_is_helped_by_raising_it() -> None:
    reason = "A person is needed: The project budget of $1.00 cannot cover this call: $0.90 spent, …"
    order = {
        "id": "WO-20260217-0001", "question": None, "waiting_for": reason,
        "tasks": [{"key": "draft", "state": "waiting_approval"}],
    }  # fmt: skip
    assert "bin/nexus budget set project" in what_is_needed(order)[1]
