"""`costs`, `quote`, `budget show` and `reconcile`: what they ask for, and what they print."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import Any

import pytest

from apps.terminal import exits
from apps.terminal.arguments import parse
from apps.terminal.commands import budgets, costs, orders, reconcile
from apps.terminal.console import Console
from apps.terminal.exits import TerminalError

COST = {
    "key": "director", "cost_usd": "0.412300000", "estimated_usd": "0.000000000", "requests": 31,
    "input_tokens": 90312, "output_tokens": 23160,
}  # fmt: skip
SUMMARY = {"period": "week", "by": "role", "results": [COST], "total": {**COST, "key": ""}, "cut": False}
STATUS = {
    "kind": "order", "key": "WO-20260217-0001", "total": "3.000000000", "used": "2.000000000",
    "reserved": "0.120000000",
    "remaining": "1.000000000", "usage_percent": 66.67, "predicted_total": "4.000000000",
    "predicted_overrun": "1.000000000", "status": "CRITICAL",
}  # fmt: skip
QUOTE = {
    "p50_usd": "0.061200000", "p90_usd": "0.118400000", "basis": "history", "samples": 40,
    "intent": "build_feature", "difficulty": "normal", "owner_role": "director", "sections": None,
}  # fmt: skip


def told(
    monkeypatch: pytest.MonkeyPatch, words: list[str], answer: Any, module: Any
) -> tuple[int, str, str, list[str]]:
    """The exit code, what was printed where, and what was asked for."""
    asked: list[str] = []

    class Answers:
        def __init__(self, _address: object) -> None:
            pass

        def get(self, path: str) -> Any:
            asked.append(path)
            return answer

        def act(self, path: str, body: dict[str, Any]) -> Any:
            asked.append(f"{path} {body}")
            return answer

        @contextmanager
        def stream(self, path: str, _headers: object) -> Any:
            asked.append(path)
            yield io.BytesIO(answer)

    monkeypatch.setattr(module, "Client", Answers)
    monkeypatch.setattr(module.place, "address", lambda: None)
    console = Console(io.StringIO(), io.StringIO())
    arguments = parse(words)
    code = arguments.run(arguments, console)
    return code, console.out.getvalue(), console.err.getvalue(), asked


def test_costs_are_a_table_with_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _, asked = told(monkeypatch, ["costs", "--period", "week", "--project", "acme"], SUMMARY, costs)
    assert (code, asked) == (0, ["/api/v2/costs?period=week&by=role&project=acme"])
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["ROLE", "COST"],
        ["director", "$0.4123"],
        ["all", "$0.4123"],
    ]


def test_costs_say_when_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the dearest 1 are shown" in told(monkeypatch, ["costs"], {**SUMMARY, "cut": True}, costs)[2]


def test_costs_are_a_file_as_the_server_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = b"role,cost_usd\r\n'=x,1\r\n"
    _, out, _, asked = told(monkeypatch, ["costs", "--csv", "--by", "order"], sheet, costs)
    assert (out, asked) == ("role,cost_usd\r\n'=x,1\n", ["/api/v2/costs.csv?period=today&by=order"])


@pytest.mark.parametrize("words", [["costs", "--period", "year"], ["costs", "--by", "mood"], ["quote"], ["reconcile"]])
def test_wrong_usage_ends_with_code_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == exits.USAGE


def test_a_budget_is_shown_with_where_it_is_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _, asked = told(monkeypatch, ["budget", "show", "order", "WO-20260217-0001"], STATUS, budgets)
    assert (code, asked) == (0, ["/api/v2/budgets/order/WO-20260217-0001"])
    assert out.splitlines()[0] == "order WO-20260217-0001  CRITICAL  66.67 % used"
    assert "predicted overrun  $1.00" in out


def test_a_budget_without_a_limit_shows_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {**STATUS, "total": None, "remaining": None, "usage_percent": None, "status": "HEALTHY"}
    out = told(monkeypatch, ["budget", "show", "role", "ceo"], bare, budgets)[1]
    assert out.splitlines()[0] == "role ceo  HEALTHY"
    assert "remaining" not in out


@pytest.mark.parametrize("words", [["show", "planet", "mars"], ["show", "order"], ["waiting", "x"]])
def test_what_is_no_budget_is_refused(monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    with pytest.raises(TerminalError) as refused:
        told(monkeypatch, ["budget", *words], STATUS, budgets)
    assert refused.value.code == exits.USAGE


@pytest.mark.parametrize(("basis", "grounds"), [("history", "40 orders"), ("list_price", "the list price")])
def test_a_quote_says_what_it_goes_by(monkeypatch: pytest.MonkeyPatch, basis: str, grounds: str) -> None:
    _, out, err, asked = told(monkeypatch, ["quote", "Do it"], {**QUOTE, "basis": basis}, orders)
    assert asked == ["/api/v2/quotes {'message': 'Do it'}"]
    assert out == "about $0.0612, at most $0.1184 in nine of ten\n"
    assert grounds in err


def test_a_request_says_that_it_is_to_be_capped() -> None:
    assert orders._body(parse(["submit", "Do it", "--cap-at-quote"])) == {"message": "Do it", "cap_at_quote": True}


def test_a_bill_is_handed_on_with_every_option(tmp_path: Any) -> None:
    words = ["--column", "request_id=Id", "--from", "2026-11-01", "--tolerance", "0.01", "--book", "--json"]
    handed = reconcile._handed_on(parse(["reconcile", str(tmp_path / "bill.csv"), *words]))
    assert handed == [str(tmp_path / "bill.csv"), *words]
    assert reconcile._handed_on(parse(["reconcile", "-"])) == ["-"]


def test_a_bill_that_is_not_there_is_wrong_usage(tmp_path: Any) -> None:
    with pytest.raises(TerminalError) as refused:
        reconcile.run(parse(["reconcile", str(tmp_path / "none.csv")]), Console(io.StringIO(), io.StringIO()))
    assert refused.value.code == exits.USAGE
