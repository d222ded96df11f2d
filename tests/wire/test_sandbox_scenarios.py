"""Scripting the sandbox: the queue, what it matches, how often, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

KEYS = {"x-api-key": "sk-test", "anthropic-version": "2026-10-21"}


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


@pytest.fixture
def raw(sandbox: Remote) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=sandbox.url, trust_env=False, verify=NOBODY) as client:
        yield client


def ask(raw: httpx2.Client, text: str = "Hello there", **more: Any) -> int:
    headers = KEYS | more.pop("headers", {})
    body = {"model": "claude-haiku-5-5", "max_tokens": 50, "messages": [{"role": "user", "content": text}], **more}
    return raw.post("/v1/messages", json=body, headers=headers).status_code


def test_a_scenario_is_spent_by_the_requests_that_match(sandbox, raw):
    sandbox.script(times=2, status=529)
    assert [ask(raw) for _ in range(3)] == [529, 529, 200]
    assert sandbox.scenarios() == []


def test_scenarios_are_served_in_their_order(sandbox, raw):
    sandbox.script(status=529)
    sandbox.script(times=2, status=503)
    assert [ask(raw) for _ in range(4)] == [529, 503, 503, 200]


def test_one_without_end_stays_until_it_is_deleted(sandbox, raw):
    made = sandbox.script(times=None, status=500)
    assert {ask(raw) for _ in range(5)} == {500}
    assert raw.delete(f"/scenarios/{made['id']}").json() == {"deleted": 1}
    assert ask(raw) == 200


def test_only_matching_requests_are_hit(sandbox, raw):
    sandbox.script(match={"contains": "poison"}, status=400)
    sandbox.script(match={"model": "claude-opus-5-5"}, status=529)
    sandbox.script(match={"request_id": "abc"}, status=503)
    sandbox.script(match={"streamed": True}, status=500)
    assert ask(raw) == 200
    assert ask(raw, "a poison apple") == 400
    assert ask(raw, system="about poison", model="claude-opus-5-5") == 529
    assert ask(raw, headers={"x-nexus-request-id": "abc"}) == 503
    assert ask(raw, stream=True) == 500
    assert sandbox.scenarios() == []


def test_the_nth_match_can_be_meant(sandbox, raw):
    sandbox.script(match={"contains": "work", "nth": 3}, times=2, status=529)
    assert [ask(raw, "work on it") for _ in range(6)] == [200, 200, 529, 529, 200, 200]


def test_only_model_requests_are_hit_unless_a_path_is_named(sandbox, raw):
    sandbox.script(status=529)
    assert raw.get("/v1/models", headers=KEYS).status_code == 200
    sandbox.script(match={"path": "/v1/models"}, status=503)
    assert raw.get("/v1/models", headers=KEYS).status_code == 503
    assert ask(raw) == 529


def test_a_header_scripts_its_own_request_and_goes_first(sandbox, raw):
    sandbox.script(status=529)
    assert ask(raw, headers={"x-scenario": json.dumps({"status": 402})}) == 402
    assert ask(raw) == 529


@pytest.mark.parametrize("header", ["no json", "[]", '{"explode": true}', '{"status": "high"}'])
def test_a_header_that_is_not_understood_is_a_400(raw, header):
    assert ask(raw, headers={"x-scenario": header}) == 400


BAD: tuple[Any, ...] = (
    "text",
    {"times": 0, "do": {}},
    {"times": "many", "do": {}},
    {"do": {"explode": True}},
    {"do": {"status": 99}},
    {"do": {"before_headers": "perhaps"}},
    {"do": {"malformed": "somehow"}},
    {"do": {"usage": "some"}},
    {"do": {"latency_ms": -1}},
    {"do": []},
    {"match": {"mood": "bad"}, "do": {}},
    {"match": "all", "do": {}},
    {"when": "now", "do": {}},
)


@pytest.mark.parametrize("asked", BAD, ids=str)
def test_a_scenario_that_is_not_understood_is_refused_and_not_queued(sandbox, raw, asked):
    answer = raw.post("/scenarios", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.scenarios() == []


def test_several_can_be_queued_at_once(sandbox, raw):
    answer = raw.post("/scenarios", json=[{"do": {"status": 500}}, {"do": {"cut_after_bytes": 10}}])
    assert (answer.status_code, [one["id"] for one in answer.json()]) == (201, ["s1", "s2"])
    assert raw.delete("/scenarios").json() == {"deleted": 2}


def test_the_pace_is_a_setting(sandbox, raw):
    assert raw.get("/settings").json() == {"latency_ms": 0, "chunk_ms": 0}
    sandbox.set(latency_ms=30)
    before = raw.post("/settings", json={"chunk_ms": 1}).json()
    assert before == {"latency_ms": 30, "chunk_ms": 1}
    assert ask(raw, stream=True) == 200
    for wrong in ({"latency_ms": -1}, {"speed": 3}, {"chunk_ms": "fast"}, []):
        assert raw.post("/settings", json=wrong).status_code == 400


def test_control_paths_say_what_they_do_not_know(raw):
    assert raw.get("/healthz").json() == {"status": "ok", "sandbox": True, "open": 0}
    assert raw.get("/journal/nothing").status_code == 404
    assert raw.post("/scenarios", content=b"{").status_code == 400
    assert raw.get("/journal?colour=red").status_code == 400
    assert raw.get("/journal?after=x").status_code == 400
