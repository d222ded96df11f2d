"""Arguments, exit codes, and the count of tests by kind."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from apps.terminal import exits
from apps.terminal.arguments import parse
from apps.terminal.client import _refusal
from apps.terminal.commands import orders, test
from apps.terminal.console import Console
from apps.terminal.exits import of_order, of_status
from apps.terminal.live import Told, picture
from apps.terminal.place import ROOT
from apps.terminal.uses import Uses


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["bogus"],
        ["run"],
        ["watch"],
        ["run", "x", "--budget", "a lot"],
        ["run", "x", "--budget", "-1"],
        ["ls", "--limit", "x"],
        ["answer", "WO-20260217-0001"],
        ["release"],
        ["redrive", "--group"],
        ["redrive", "--group", "7d", "--rate", "fast"],
        ["budget", "--reason"],
    ],
)
def test_wrong_usage_ends_with_code_2_before_anything_is_touched(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == exits.USAGE


def test_every_command_takes_the_common_options() -> None:
    on_an_order = [[name, "x"] for name in ("watch", "show", "cancel", "pause", "resume", "release", "redrive")]
    on_an_order += [["dead"], ["budget"]]
    others = (["up"], ["run", "x"], ["submit", "x"], ["answer", "x", "y"], ["ls"], ["status"], ["doctor"])
    for words in (*others, *on_an_order):
        parsed = parse([*words, "--json", "--quiet", "--no-input"])
        assert parsed.json
        assert parsed.quiet
        assert callable(parsed.run)


def test_test_and_manage_hand_on_what_follows_untouched() -> None:
    assert parse(["test", "-k", "race", "--json"]).rest == ["-k", "race", "--json"]
    assert parse(["manage", "--help"]).rest == ["--help"]


def test_an_order_is_filed_without_loading_what_only_servers_need() -> None:
    loaded = "import sys, apps.terminal.__main__; print(*{'django', 'psycopg', 'redis', 'celery'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_a_request_carries_only_what_was_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("a = 1\n", encoding="utf-8")
    assert orders._body(parse(["submit", "Do it"])) == {"message": "Do it"}
    said = ["--budget", "0.50", "--priority", "7", "--accept", "has a table", "--file", str(tmp_path / "a.py")]
    assert orders._body(parse(["run", "Do it", *said])) == {
        "message": "Do it", "budget_usd": "0.50", "priority": 7, "acceptance": ["has a table"],
        "files": [{"name": "a.py", "content": "a = 1\n"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, 4), (403, 4), (404, 3), (409, 5), (422, 2), (400, 2), (503, 8), (429, 8), (500, 1), (418, 1)],
)
def test_answers_of_the_api_have_exit_codes(status: int, code: int) -> None:
    assert of_status(status) == code


@pytest.mark.parametrize(
    ("status", "code"), [("completed", 0), ("failed", 6), ("cancelled", 6), ("blocked", 7)]
)  # fmt: skip
def test_ends_of_an_order_have_exit_codes(status: str, code: int) -> None:
    assert of_order(status) == code


def test_a_problem_is_shown_with_the_place_of_each_error() -> None:
    body = b'{"detail": "Not valid.", "errors": [{"pointer": "#/message", "detail": "May not be blank."}]}'
    error = _refusal(400, body)
    assert str(error) == "Not valid.\n  #/message: May not be blank."
    assert error.code == exits.USAGE
    assert str(_refusal(502, b"<html>")) == "the server answers 502"


def test_tests_are_counted_by_kind() -> None:
    results = """<testsuites><testsuite>
      <testcase classname="tests.unit.test_a" name="one"/>
      <testcase classname="tests.unit.test_a.TestB" name="two"><failure message="x"/></testcase>
      <testcase classname="tests.races.test_c" name="three"><error message="x"/></testcase>
      <testcase classname="tests.races.test_c" name="four"><skipped message="x"/></testcase>
    </testsuite></testsuites>"""
    counted = test.count(results, kinds=["unit", "races", "journeys"])
    assert test.rows(counted) == [
        ("KIND", "PASSED", "FAILED", "SKIPPED"),
        ("races", "0", "1", "1"),
        ("unit", "1", "1", "0"),
        ("all", "1", "2", "1"),
    ]


def test_what_was_run_is_told_by_package_in_lines_and_in_branches() -> None:
    """Sums of files, not means of their shares."""
    one = {"covered_lines": 9, "num_statements": 10, "covered_branches": 1, "num_branches": 4}
    big = {"covered_lines": 90, "num_statements": 190, "covered_branches": 0, "num_branches": 0}
    files = {"agents/calls.py": {"summary": one}, "agents/loop/talk.py": {"summary": big}}
    assert test.covered({"files": files}) == [
        ("PACKAGE", "LINES", "BRANCHES"),
        ("billing", "-", "-"),
        ("agents", "49.5 %", "25.0 %"),
    ]


def test_what_is_not_above_the_bound_is_named() -> None:
    told = [("PACKAGE", "LINES", "BRANCHES"), ("billing", "96.1 %", "90.0 %"), ("agents", "90.1 %", "-")]
    assert test.below(told) == ["billing branches", "agents branches"]
    assert test.below([told[0], ("billing", "90.1 %", "99.0 %")]) == []


@pytest.mark.parametrize(("words", "everything"), [
    ([], True), (["-x", "-n0"], True), (["--maxfail=3"], True), (["-k", "race"], False), (["--fast"], False),
    (["tests/unit"], False), (["tests/unit/test_graph.py::test_a"], False), (["-m", "not slow"], False),
])  # fmt: skip
def test_the_bound_holds_where_everything_is_asked_for(words: list[str], everything: bool) -> None:
    assert test.is_everything(words) is everything


def test_everything_runs_side_by_side_and_what_is_named_by_path_in_one_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    together = ["-n", "auto", "--maxprocesses=4"]
    assert test.asked(["-k", "race", "-x"]) == [*together, "-k", "race", "-x"]
    assert test.asked(["-n0"]) == [*together, "-n0"]
    fast = ["-m", "not slow", "--hypothesis-profile=fast", "tests/unit", "tests/architecture"]
    assert test.asked(["--fast", "-q"]) == [*together, *fast, "-q"]
    assert test.asked(["-x", "tests/unit/test_graph.py::test_x"]) == ["-x", "tests/unit/test_graph.py::test_x"]


def test_on_a_server_of_somebody_everything_runs_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/nexus")
    assert test.asked(["-x"]) == ["-x"]
    assert "-n" in test.asked(["--fast"])  # which asks no server


def test_processes_of_tests_keep_what_python_compiles() -> None:
    assert test.around({"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_every_folder_with_tests_is_a_kind() -> None:
    assert {"unit", "integration", "races", "architecture"} <= set(test.kinds())


def test_without_a_terminal_nothing_is_drawn_and_nothing_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    console = Console.of_this_process()
    assert not console.is_live
    assert console.paint("x", "red") == "x"
    assert isinstance(picture(console), Told)


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Console.of_this_process().paint("x", "red") == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert Console.of_this_process().paint("x", "red") == "x"


def test_a_line_is_said_once_per_change() -> None:
    err = io.StringIO()
    told = Told(Console(io.StringIO(), err))
    task = {"key": "plan", "state": "ready", "role": None, "model": None, "cost_usd": "0", "waiting_for": None}
    order = {"id": "WO-1", "status": "queued", "sandbox": False, "tasks": [task]}
    told.show(order, {}, Uses())
    told.show(order, {}, Uses())
    told.show(order | {"status": "in_progress", "tasks": [task | {"state": "running", "role": "ceo"}]}, {}, Uses())
    assert err.getvalue().splitlines() == [
        "WO-1  queued",
        "  ○ plan  ready",
        "WO-1  in progress",
        "  ▶ plan  running  ceo",
    ]
