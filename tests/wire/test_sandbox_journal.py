"""The journal: every request received, in order, with exact counts and no keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from apps.sandbox.journal import Journal
from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

KEYS = {"x-api-key": "sk-very-secret", "anthropic-version": "2026-10-21"}


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


@pytest.fixture
def raw(sandbox: Remote) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=sandbox.url, trust_env=False, verify=NOBODY) as client:
        yield client


def ask(raw: httpx2.Client, text: str = "Hello there", **more: Any) -> httpx2.Response:
    headers = KEYS | more.pop("headers", {})
    body = {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": [{"role": "user", "content": text}], **more}
    return raw.post("/v1/messages", json=body, headers=headers)


def test_an_entry_says_what_was_asked_and_answered(sandbox, raw):
    answer = ask(raw, '<task kind="outline"></task><request>A plan</request>', headers={"X-Nexus-Request-Id": "r-1"})
    (entry,) = sandbox.journal()
    usage = answer.json()["usage"]
    prompt = '<task kind="outline"></task><request>A plan</request>'
    assert entry | {"at": None} == {
        "n": 1,
        "at": None,
        "method": "POST",
        "path": "/v1/messages",
        "provider": "anthropic",
        "received": len(answer.request.content),
        "request_id": "r-1",
        "response_id": answer.headers["request-id"],
        "model": "claude-haiku-5-5",
        "kind": "outline",
        "status": 200,
        "outcome": "answered",
        "usage": {name: usage[name] for name in ("input_tokens", "output_tokens")},
        "streamed": False,
        "bytes": len(answer.content),
        "prompt_sha256": hashlib.sha256(prompt.encode()).hexdigest(),
        "prompt_head": prompt,
        "scenario": None,
    }


def test_keys_are_nowhere(sandbox, raw):
    ask(raw, headers={"authorization": "Bearer sk-other-secret"})
    assert "secret" not in json.dumps(sandbox.journal())


def test_the_prompt_is_kept_short(sandbox, raw):
    ask(raw, "long " * 1000)
    assert len(sandbox.journal()[0]["prompt_head"]) == 200


def test_entries_are_read_from_where_one_stopped(sandbox, raw):
    for number in range(5):
        ask(raw, headers={"x-nexus-request-id": f"r-{number}"})
    assert [entry["n"] for entry in sandbox.journal(after=3)] == [4, 5]
    assert [entry["n"] for entry in sandbox.journal(after=1, limit=2)] == [2, 3]
    assert [entry["n"] for entry in sandbox.journal(request_id="r-2")] == [3]
    assert sandbox.journal(outcome="cut") == []


def test_only_questions_to_a_model_are_counted_as_such(sandbox, raw):
    ask(raw)
    ask(raw, temperature=1)  # refused, but received
    raw.post("/v1/messages/count_tokens", json={}, headers=KEYS)
    raw.get("/v1/models", headers=KEYS)
    raw.get("/v1/messages", headers=KEYS)
    assert raw.get("/journal/count").json() == {"model_requests": 2, "all": 5}
    assert sandbox.count() == 2
    assert [entry["outcome"] for entry in sandbox.journal()] == ["answered", "error", "error", "answered", "error"]


def test_a_request_is_there_before_it_is_answered(sandbox, raw):
    sandbox.script(latency_ms=300)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, raw)
        while not (entries := sandbox.journal()):
            pass
        assert entries[0]["outcome"] == "open"
        assert answer.result().status_code == 200
    assert sandbox.last()["outcome"] == "answered"


def test_counts_are_exact_under_load(sandbox, raw):
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda number: ask(raw, f"request {number} please", stream=True).status_code, range(200))
        )
    assert set(answers) == {200}
    assert sandbox.count() == 200
    assert [entry["n"] for entry in sandbox.journal()] == list(range(1, 201))


def test_it_can_be_emptied(sandbox, raw):
    ask(raw)
    sandbox.forget_journal()
    assert (sandbox.journal(), sandbox.count()) == ([], 0)
    ask(raw)
    assert [entry["n"] for entry in sandbox.journal()] == [1]


def test_memory_is_bounded_and_counts_are_not():
    journal = Journal(kept=3)
    for _ in range(10):
        journal.close(journal.open(method="POST", path="/v1/messages", request_id=None), outcome="answered", sent=1)
    assert [entry["n"] for entry in journal.entries()] == [8, 9, 10]
    assert journal.count() == {"model_requests": 10, "all": 10}


def test_a_file_has_a_line_for_each_and_is_taken_up_again(tmp_path: Path):
    file = tmp_path / "journal.jsonl"
    with running(journal=file) as box, httpx2.Client(base_url=box.url, trust_env=False, verify=NOBODY) as raw:
        ask(raw)
        ask(raw)
    with file.open("a") as lines:
        lines.write('{"n": 3, "at"')  # cut by a crash
    assert [json.loads(line)["n"] for line in file.read_text().splitlines()[:2]] == [1, 2]
    with running(journal=file) as box, httpx2.Client(base_url=box.url, trust_env=False, verify=NOBODY) as raw:
        assert box.count() == 2
        ask(raw)
        assert [entry["n"] for entry in box.journal()] == [1, 2, 3]
    with running(journal=file) as box:
        assert box.count() == 3
