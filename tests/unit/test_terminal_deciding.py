"""Where a person is needed, the terminal says for what, and with which command."""

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
from apps.terminal.deciding import question_of, what_is_needed
from apps.terminal.exits import TerminalError

ID = "WO-20260217-0001"


def an_order(question: str | None = None, **states: str) -> dict[str, Any]:
    tasks = [{"key": key, "state": state} for key, state in states.items()]
    return {"id": ID, "status": "blocked", "question": question, "waiting_for": "Too dear", "tasks": tasks}


def test_an_open_question_is_answered() -> None:
    order = an_order("Which brokers?", triage="waiting_approval")
    assert question_of(order) == "Which brokers?"
    assert what_is_needed(order) == ("Which brokers?", f'Answer it: bin/nexus answer {ID} "…"')


def test_a_question_that_was_answered_is_not_asked_again() -> None:
    order = an_order("Which brokers?", triage="completed", draft="waiting_approval")
    assert question_of(order) == ""
    reason, hint = what_is_needed(order)
    assert reason == "Too dear"
    assert f"bin/nexus release {ID}" in hint


def test_what_died_is_driven_again() -> None:
    assert f"bin/nexus redrive {ID}" in what_is_needed(an_order(triage="completed", draft="failed"))[1]


@contextmanager
def an_installation(status: int, answer: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A server that answers every request alike; what was posted is kept."""
    heard: list[tuple[str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.do_GET()

        def do_GET(self) -> None:
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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


def done(*words: str, err: io.StringIO | None = None) -> tuple[int, str]:
    """Run a command as the terminal would; return its exit code and what it printed."""
    arguments, out = parse(words), io.StringIO()
    return arguments.run(arguments, Console(out, err or io.StringIO())), out.getvalue()


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (["answer", ID, "NATS"], "answer", {"text": "NATS"}),
        (["answer", ID, "-"], "answer", {"text": "Kafka\n"}),
        (["release", ID, "--reason", "raised"], "release", {"reason": "raised"}),
        (["redrive", ID], "redrive", {}),
    ],
)
def test_what_is_said_is_sent_once(
    monkeypatch: pytest.MonkeyPatch, words: list[str], path: str, body: dict[str, str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Kafka\n"))
    monkeypatch.setenv("NEXUS_API_KEY", "nx_key")
    with an_installation(200, an_order() | {"status": "in_progress"}) as (url, heard):
        monkeypatch.setenv("NEXUS_URL", url)
        assert done(*words) == (exits.OK, f"{ID}  in progress\n")
        code, printed = done(*words, "--json")
    assert (code, json.loads(printed)["id"]) == (exits.OK, ID)
    assert heard[0] == (f"/api/v2/work-orders/{ID}/{path}", body)
    assert len(heard) == 2


def test_an_answer_that_nobody_asked_for_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_API_KEY", "nx_key")
    with an_installation(409, {"detail": "This order is not waiting for an answer."}) as (url, heard):
        monkeypatch.setenv("NEXUS_URL", url)
        with pytest.raises(TerminalError, match="not waiting") as refused:
            done("answer", ID, "NATS")
    assert (refused.value.code, len(heard)) == (exits.CONFLICT, 1)


def test_who_watches_is_told_how_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    task = {"role": None, "model": None, "cost_usd": "0", "waiting_for": None}
    asking = an_order("Which brokers?", triage="waiting_approval") | {
        "deliverable": None,
        "created_at": "2026-02-17T09:30:00+00:00",
        "cost_usd": "0",
        "tokens": {"input": 0, "output": 0},
    }
    asking["tasks"] = [one | task for one in asking["tasks"]]
    monkeypatch.setenv("NEXUS_API_KEY", "nx_key")
    err = io.StringIO()
    with an_installation(200, asking) as (url, _):
        monkeypatch.setenv("NEXUS_URL", url)
        assert done("watch", ID, "--no-block", err=err) == (exits.WAITS_FOR_A_PERSON, "")
    assert err.getvalue().splitlines()[-2:] == [
        f"nexus: {ID} waits: Which brokers?",
        f'       Answer it: bin/nexus answer {ID} "…"',
    ]
