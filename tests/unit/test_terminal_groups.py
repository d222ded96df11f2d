"""Dead letters and budgets from the terminal: what is asked of the API, and what is refused before it is asked."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from apps.terminal import exits
from apps.terminal.arguments import parse
from apps.terminal.console import Console
from apps.terminal.exits import TerminalError

FULL = "7d4e" * 16
GROUP = {
    "fingerprint": FULL, "count": 3, "first_at": "2026-11-22T08:00:00+00:00", "last_at": "2026-11-22T08:07:31+00:00",
    "types": ["section"], "error": {"code": "provider_error", "message": "The provider\nanswered 500"},
}  # fmt: skip
LETTER = {
    "order": "WO-20261122-0001", "task": "section-2", "title": "", "type": "section", "attempts": 4,
    "input": {"role": "director", "focus": "x"}, "error": {"code": "provider_error"}, "buried_at": GROUP["last_at"],
}  # fmt: skip
BUDGET = {
    "kind": "role", "key": "ceo", "limit_usd": "7.100000001", "spent_usd": "0.000000000", "reserved_usd": "1.500000000",
}  # fmt: skip
ANSWERS = {
    ("GET", "/api/v2/dead-letters"): {"results": [GROUP, GROUP | {"fingerprint": "7d00" * 16}]},
    ("GET", f"/api/v2/dead-letters/{FULL}"): {**GROUP, "letters": [LETTER]},
    ("POST", f"/api/v2/dead-letters/{FULL}/redrive"): {"redriven": 2},
    ("GET", "/api/v2/budgets?page_size=200"): {"results": [BUDGET, BUDGET | {"limit_usd": None}], "next": None},
    ("PUT", "/api/v2/budgets/role/c%2Fo"): BUDGET,
}
Heard = list[tuple[str, str, Any]]


@contextmanager
def an_installation() -> Iterator[tuple[str, Heard]]:
    """A server that answers as an API would; what it was asked is kept."""
    heard: Heard = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            heard.append((self.command, self.path, json.loads(self.rfile.read(length)) if length else None))
            body = json.dumps(ANSWERS[self.command, self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    with an_installation() as (url, asked):
        monkeypatch.setenv("NEXUS_API_KEY", "nx_key")
        monkeypatch.setenv("NEXUS_URL", url)
        yield asked


def done(*words: str) -> str:
    """Run a command as the terminal would; it must succeed. Return what it printed."""
    arguments, out = parse(words), io.StringIO()
    assert arguments.run(arguments, Console(out, io.StringIO())) == exits.OK
    return out.getvalue()


def test_failures_are_listed_one_line_each(heard: Heard) -> None:
    lines = done("dead").splitlines()
    assert len(lines) == 3
    assert lines[1].split() == "7d4e7d4e7d4e 3 section 2026-11-22 08:07 The provider answered 500".split()
    assert json.loads(done("dead", "--json"))["results"][0] == GROUP


def test_one_failure_is_shown_by_its_first_digits(heard: Heard) -> None:
    shown = done("dead", "7d4")
    assert FULL in shown
    assert "WO-20261122-0001  section-2  4" in shown
    assert json.loads(done("dead", FULL, "--json"))["letters"] == [LETTER]


def test_a_group_is_driven_with_what_was_said_and_nothing_else(heard: Heard) -> None:
    assert done("redrive", "--group", FULL, "--try-one", "--reason", "mended") == "2 tasks are driven again\n"
    told = done(
        "redrive", "--group", "7d4e", "--rate", "30", "--json", "--set", "role=ceo", "--set", "budget=2.50",
        "--set", "priority=9", "--set", "input.n=1.5", "--set", "input.title=Roll back = now", "--set", "input.on=true",
    )  # fmt: skip
    assert json.loads(told) == {"fingerprint": FULL, "redriven": 2}
    assert [body for verb, _, body in heard if verb == "POST"] == [
        {"reason": "mended", "one": True},
        {
            "reason": "", "rate": 30, "role": "ceo", "budget_usd": "2.50", "priority": 9,
            "input": {"n": 1.5, "title": "Roll back = now", "on": True},
        },
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["redrive"], "or --group"),
        (["redrive", "WO-1", "--group", FULL], "or --group"),
        (["redrive", "WO-1", "--try-one"], "are of --group"),
        (["redrive", "--group", FULL, "--set", "role"], "NAME=VALUE"),
        (["redrive", "--group", FULL, "--set", "colour=red"], "not known"),
        (["redrive", "--group", FULL, "--set", "input.=1"], "not known"),
        (["redrive", "--group", FULL, "--set", "priority=high"], "whole number"),
        (["redrive", "--group", "WO-1"], "no fingerprint"),
        (["redrive", "--group", "7d"], "fits 2 failures"),
        (["budget", "raise"], "no command"),
        (["budget", "set", "planet", "mars", "1"], "has no budget"),
        (["budget", "set", "role", "ceo", "much"], "not an amount"),
        (["budget", "set", "role", "ceo", "NaN"], "above 0"),
        (["budget", "set", "role", "ceo", "0"], "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(heard: Heard, words: list[str], said: str) -> None:
    with pytest.raises(TerminalError, match=said) as refused:
        done(*words)
    assert refused.value.code == exits.USAGE
    assert [verb for verb, *_ in heard if verb != "GET"] == []


def test_a_failure_that_waits_no_more_is_not_found(heard: Heard) -> None:
    with pytest.raises(TerminalError, match="no failure that waits") as refused:
        done("dead", "ffff")
    assert refused.value.code == exits.NOT_FOUND


def test_budgets_are_listed_with_every_digit_that_says_something(heard: Heard) -> None:
    lines = [line.split() for line in done("budget").splitlines()]
    assert lines[1:] == [
        ["role", "ceo", "$7.100000001", "$0.00", "$1.50"], ["role", "ceo", "no", "limit", "$0.00", "$1.50"],
    ]  # fmt: skip


def test_a_limit_is_sent_as_it_was_typed(heard: Heard) -> None:
    done("budget", "set", "role", "c/o", "7.100000001", "--reason", "worth it")
    done("budget", "set", "role", "c/o", "none", "--json")
    assert [body for verb, _, body in heard if verb == "PUT"] == [
        {"limit_usd": "7.100000001", "reason": "worth it"}, {"limit_usd": None, "reason": ""},
    ]  # fmt: skip
