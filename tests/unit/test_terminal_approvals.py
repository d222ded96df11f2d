"""Deciding in the terminal: about what was seen, once, and with what the server says of it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from apps.terminal import exits
from apps.terminal.deciding import what_is_needed
from apps.terminal.exits import TerminalError
from tests.unit.test_terminal_deciding import ID, an_installation, an_order, done

APPROVAL: dict[str, Any] = {
    "id": 17, "order": ID, "task": "send", "title": "Send", "checkpoint": "", "message": "May this\ngo out?",
    "state": "waiting", "hash": "7d" * 32, "allows": ["approve", "reject"], "approvers": [], "quorum": 2, "votes": 1,
    "asked_at": "2026-11-22T08:00:00.123+00:00", "expires_at": None, "on_timeout": "stay", "decided_by": None,
    "decided_at": None, "reason": "", "content": {"text": "你好"},
    "said": [{"actor": "ann", "decision": "approve", "reason": "fine"}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEXUS_API_KEY", "nx_key")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (["approve", "17"], {"decision": "approve"}),
        (["approve", "17", "--reason", "fine"], {"decision": "approve", "reason": "fine"}),
        (["approve", "17", "--content", '{"a": 1}'], {"decision": "edit_and_approve", "content": {"a": 1}}),
        (["approve", "17", "--content", "-"], {"decision": "edit_and_approve", "content": {"a": 2}}),
        (["approve", "17", "--hash", "ab" * 32], {"decision": "approve", "hash": "ab" * 32}),
        (["revise", "17", "--reason", "shorter"], {"decision": "revise", "reason": "shorter"}),
        (["reject", "17", "--reason", "-"], {"decision": "reject", "reason": '{"a": 2}'}),
        (["respond", "17", "--reason", "Monday"], {"decision": "respond", "reason": "Monday"}),
    ],
)
def test_what_is_decided_is_sent_with_the_hash(
    monkeypatch: pytest.MonkeyPatch, words: list[str], body: dict[str, Any]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"a": 2}'))
    with an_installation(200, APPROVAL) as (url, heard):
        monkeypatch.setenv("NEXUS_URL", url)
        assert done(*words) == (exits.OK, "17  waiting (1 of 2 agreed)\n")
    assert heard == [("/api/v2/approvals/17/decide", {"hash": APPROVAL["hash"], **body})]


def test_the_list_is_a_table_and_one_is_shown_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_installation(200, {"results": [APPROVAL], "next": None}) as (url, _):
        monkeypatch.setenv("NEXUS_URL", url)
        code, printed = done("approvals", "--all")
        assert (code, json.loads(done("approvals", "--json")[1])["results"]) == (exits.OK, [APPROVAL])
    assert [word for word in ("17", ID, "2026-11-22 08:00", "1 of 2", "May this go out?") if word not in printed] == []
    with an_installation(200, APPROVAL) as (url, _):
        monkeypatch.setenv("NEXUS_URL", url)
        code, printed = done("approvals", "17")
        assert json.loads(done("approvals", "17", "--json")[1]) == APPROVAL
    assert [word for word in ("你好", APPROVAL["hash"], "ann", "approve fine", "any time") if word not in printed] == []


def test_who_comes_second_hears_of_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    with an_installation(409, {"detail": "It was approved by ann at 08:00"}) as (url, _):
        monkeypatch.setenv("NEXUS_URL", url)
        with pytest.raises(TerminalError, match="approved by ann") as refused:
            done("approve", "17", "--hash", "ab" * 32)
    assert refused.value.code == exits.CONFLICT


@pytest.mark.parametrize("content", ["{", "[]", "5"])
def test_content_that_is_no_object_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    with an_installation(200, APPROVAL) as (url, heard):
        monkeypatch.setenv("NEXUS_URL", url)
        with pytest.raises(TerminalError, match="--content") as refused:
            done("approve", "17", "--content", content)
    assert (refused.value.code, heard) == (exits.USAGE, [])


@pytest.mark.parametrize("words", [["approve"], ["approve", "x"], ["reject", "17"], ["revise", "17"]])
def test_wrong_usage_ends_with_code_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        done(*words)
    assert ended.value.code == exits.USAGE


def test_an_order_that_waits_for_an_approval_says_how_to_see_it() -> None:
    order = an_order(send="waiting_approval") | {"waiting_for": "Approval 17 is needed: May this go out?"}
    assert what_is_needed(order)[1] == "Look at it: bin/nexus approvals 17, then approve, revise or reject it"
