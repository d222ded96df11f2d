"""What the real provider refuses is refused by the sandbox, with its status, its type and the field's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

GOOD: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello there"}],
}
KEYS = {"x-api-key": "sk-test", "anthropic-version": "2026-10-21"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "t", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "done"}
TOOL = {"name": "t", "input_schema": {"type": "object"}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


@pytest.fixture(scope="module")
def raw(sandbox: Remote) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=sandbox.url, trust_env=False, verify=NOBODY) as client:
        yield client


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def a_format(schema: Any) -> dict[str, Any]:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


BAD = {
    "unknown field": ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    "temperature": ({"temperature": 0.3}, "temperature"),
    "top_p": ({"top_p": 0.3}, "top_p"),
    "top_k": ({"top_k": 3}, "top_k"),
    "max_tokens as text": ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
    "max_tokens true": ({"max_tokens": True}, "max_tokens"),
    "max_tokens too high": ({"max_tokens": 10**9}, "max_tokens"),
    "max_tokens negative": ({"max_tokens": -1}, "max_tokens"),
    "no messages": ({"messages": []}, "at least one message"),
    "messages as text": ({"messages": "hi"}, "messages: Input should be a valid list"),
    "message of another shape": ({"messages": ["hi"]}, "messages.0"),
    "unknown key in a message": ({"messages": [{**user("a b"), "name": "x"}]}, "messages.0.name"),
    "unknown role": ({"messages": [{"role": "robot", "content": "hi"}]}, "messages.0.role"),
    "assistant first": ({"messages": [assistant("a"), user("b")]}, "first message"),
    "system first": ({"messages": [{"role": "system", "content": "a"}, user("b")]}, "first message"),
    "prefill": ({"messages": [user("a"), assistant("b")]}, "prefill"),
    "empty content": ({"messages": [user("  ")]}, "non-empty content"),
    "empty text block": ({"messages": [user([{"type": "text", "text": " "}])]}, "non-whitespace"),
    "untyped block": ({"messages": [user([{"text": "a"}])]}, "content.0.type"),
    "a call without its result": ({"messages": [user("a"), assistant([USE]), user("b")]}, "toolu_1"),
    "a result without its call": ({"messages": [user([RESULT])]}, "unexpected `tool_use_id`"),
    "a result that comes late": (
        {"messages": [user("a"), assistant([USE]), user([RESULT]), assistant("ok"), user([RESULT])]},
        "messages.4",
    ),
    "a call without a name": (
        {"messages": [user("a"), assistant([{"type": "tool_use", "id": "x"}]), user("b")]},
        "name",
    ),
    "a tool without a schema": ({"tools": [{"name": "t"}]}, "tools.0.custom.input_schema"),
    "a tool with a broken schema": (
        {"tools": [{"name": "t", "input_schema": {"type": "object", "required": 3}}]},
        "JSON schema is invalid",
    ),
    "two tools of one name": ({"tools": [TOOL, TOOL]}, "unique"),
    "a choice without tools": ({"tool_choice": {"type": "any"}}, "tool_choice"),
    "a choice of an unknown tool": ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "u"}}, "'u' not found"),
    "an unknown choice": ({"tools": [TOOL], "tool_choice": {"type": "perhaps"}}, "tool_choice"),
    "an unknown effort": ({"output_config": {"effort": "heroic"}}, "output_config.effort"),
    "an unknown output key": ({"output_config": {"shape": 1}}, "output_config.shape"),
    "an unknown format": ({"output_config": {"format": {"type": "yaml"}}}, "format.type"),
    "an open object": (a_format({"type": "object", "properties": {"a": {"type": "string"}}}), "additionalProperties"),
    "an open object inside": (
        a_format({"type": "array", "items": {"type": "object", "properties": {}}}),
        "additionalProperties",
    ),
    "no schema at all": (a_format({"type": "nonsense"}), "output_config.format.schema"),
    "an unsatisfiable schema": (
        a_format({"type": "string", "enum": ["a"], "minLength": 9}),
        "no instance of this schema",
    ),
    "a small thinking budget": ({"thinking": {"type": "enabled", "budget_tokens": 12}}, "budget_tokens"),
    "a budget above the limit": ({"thinking": {"type": "enabled", "budget_tokens": 2048}}, "max_tokens"),
    "a blank stop sequence": ({"stop_sequences": [" "]}, "stop_sequences.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_body_is_a_400_that_names_what_is_wrong(raw, case):
    change, wording = BAD[case]
    answer = raw.post("/v1/messages", json={**GOOD, **change}, headers=KEYS)
    assert answer.status_code == 400
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert wording in answer.json()["error"]["message"]
    assert answer.json()["request_id"] == answer.headers["request-id"]


@pytest.mark.parametrize("field", ["model", "max_tokens", "messages"])
def test_required_fields_are_required(raw, field):
    body = {name: value for name, value in GOOD.items() if name != field}
    answer = raw.post("/v1/messages", json=body, headers=KEYS)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, f"{field}: Field required")


def test_counting_takes_no_limit_of_tokens(raw):
    body = {name: value for name, value in GOOD.items() if name != "max_tokens"}
    assert raw.post("/v1/messages/count_tokens", json=body, headers=KEYS).status_code == 200
    assert raw.post("/v1/messages/count_tokens", json=GOOD, headers=KEYS).status_code == 400


def test_well_formed_conversations_are_taken(raw):
    for messages in (
        [user("a"), user("b")],
        [user("a"), assistant("b"), user("c"), {"role": "system", "content": "be brief"}],
        [user("a"), assistant([{"type": "text", "text": "b"}, USE]), user([RESULT])],
    ):
        answer = raw.post("/v1/messages", json={**GOOD, "messages": messages}, headers=KEYS)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'"text"'])
def test_a_body_that_is_no_object_is_refused(raw, content):
    answer = raw.post("/v1/messages", content=content, headers=KEYS)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Basic abc"}, {"authorization": "Bearer"}, {"x-api-key": ""}],
    ids=["none", "basic", "empty bearer", "empty key"],
)
def test_without_a_key_nobody_is_served(raw, headers):
    answer = raw.post("/v1/messages", json=GOOD, headers={"anthropic-version": "2026-10-21", **headers})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


@pytest.mark.parametrize("version", [None, "1999-01-01"])
def test_the_version_is_required_and_known(raw, version):
    headers = {"x-api-key": "k"} | ({"anthropic-version": version} if version else {})
    answer = raw.post("/v1/messages", json=GOOD, headers=headers)
    assert answer.status_code == 400
    assert "anthropic-version" in answer.json()["error"]["message"]


def test_an_unknown_model_is_not_found(sandbox):
    with (
        anthropic.Anthropic(base_url=sandbox.url, api_key="k", max_retries=0) as client,
        pytest.raises(anthropic.NotFoundError) as refusal,
    ):
        client.messages.create(**{**GOOD, "model": "claude-nobody-1"})
    assert refusal.value.type == "not_found_error"
    assert refusal.value.api_message == "model: claude-nobody-1"


def test_other_paths_and_methods_are_refused_in_the_same_shape(raw):
    assert raw.get("/v1/nothing", headers=KEYS).json()["error"]["type"] == "not_found_error"
    assert raw.get("/v1/messages", headers=KEYS).status_code == 405


def test_a_body_that_is_too_large_is_refused(raw):
    answer = raw.post("/v1/messages", content=b"x" * (32 * 1024 * 1024 + 1), headers=KEYS)
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")


def test_what_is_not_http_is_refused_and_the_next_client_is_served(sandbox, raw):
    import socket

    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 400")
    assert raw.post("/v1/messages", json=GOOD, headers=KEYS).status_code == 200
