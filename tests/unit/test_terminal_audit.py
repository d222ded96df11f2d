"""`bin/nexus audit`: what it asks for, and what it prints."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from apps.terminal.arguments import parse
from apps.terminal.commands import audit
from apps.terminal.console import Console

ENTRY = {
    "id": 1, "at": "2026-11-22T08:00:00.120000+00:00", "actor": "ann", "channel": "telegram", "status": "success",
    "action": "approval.decided", "project": "shop", "order": "WO-20260217-0001", "session": None,
    "details": {"decision": "reject", "reason": "Too\ndear."},
}  # fmt: skip
DEAD = {**ENTRY, "actor": "worker", "channel": "", "action": "task.dead", "status": "failure", "order": None,
        "details": {"error": {"code": "x", "message": "529: overloaded"}}}  # fmt: skip


def told(monkeypatch: pytest.MonkeyPatch, words: list[str], found: list[Any]) -> tuple[str, str, list[str]]:
    """What was printed where, and what was asked for."""
    asked: list[str] = []

    class Answers:
        def __init__(self, _address: object) -> None:
            pass

        def get(self, path: str) -> Any:
            asked.append(path)
            return {"results": found, "next": None, "previous": None}

    monkeypatch.setattr(audit, "Client", Answers)
    monkeypatch.setattr(audit.place, "address", lambda: None)
    out, err = io.StringIO(), io.StringIO()
    assert audit.run(parse(words), Console(out, err)) == 0
    return out.getvalue(), err.getvalue(), asked


def test_who_did_what_and_why_is_a_line(monkeypatch):
    out, _err, asked = told(monkeypatch, ["audit"], [ENTRY, DEAD])
    assert asked == ["/api/v2/audit?page_size=10"]
    lines = out.splitlines()
    assert "2026-11-22 08:00:00" in lines[1]
    for word in ("ann (telegram)", "approval.decided", "WO-20260217-0001", "reject Too dear."):
        assert word in lines[1], word
    assert "529: overloaded" in lines[2]


@pytest.mark.parametrize(("given", "size"), [("0", 1), ("20", 20), ("9999", 200)])
def test_a_limit_is_kept_within_what_the_server_gives(monkeypatch, given, size):
    _out, _err, asked = told(monkeypatch, ["audit", "--limit", given, "--actor", "ann", "--status", "failure"], [])
    assert asked == [f"/api/v2/audit?actor=ann&status=failure&page_size={size}"]


def test_an_empty_log_is_said_on_stderr_and_json_is_whole(monkeypatch):
    out, err, _asked = told(monkeypatch, ["audit"], [])
    assert (out, "nothing was done yet" in err) == ("", True)
    out, _err, _asked = told(monkeypatch, ["audit", "--json"], [ENTRY])
    assert json.loads(out)["results"] == [ENTRY]
