"""Chat Completions of the sandbox, as OpenAI's own client reads them over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from pydantic import BaseModel

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

MODEL = "gpt-6-sol"
REQUEST = "Draft a release checklist for a Django service with Celery workers"
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": CITY, "strict": True}}


class Verdict(BaseModel):
    verdict: str
    score: int


@pytest.fixture(scope="module")
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture
def sandbox(box: Remote) -> Iterator[Remote]:
    yield box
    box.forget_scenarios()


@pytest.fixture(scope="module")
def client(box: Remote) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="sk-test", max_retries=0) as found:
        yield found


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def streamed(client: openai.OpenAI, **asked: Any) -> Any:
    with client.chat.completions.stream(**asked) as stream:
        for _ in stream:
            pass
        return stream.get_final_completion()


def test_a_completion_is_read_whole(client):
    found = client.chat.completions.create(**said(REQUEST))
    (choice,) = found.choices
    assert (found.object, found.model, choice.finish_reason) == ("chat.completion", MODEL, "stop")
    assert choice.message.content.endswith("— sandbox answer, no model was asked")
    assert found.id.startswith("chatcmpl-sandbox-")
    assert found._request_id.startswith("req_sandbox_")
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_streamed_and_whole_answers_are_the_same(client):
    whole = client.chat.completions.create(**said(REQUEST))
    again = streamed(client, **said(REQUEST, stream_options={"include_usage": True}))
    assert again.id == whole.id
    assert again.choices[0].message.content == whole.choices[0].message.content
    assert again.usage == whole.usage


def test_usage_comes_last_and_only_where_it_is_asked_for(client):
    chunks = list(client.chat.completions.create(**said(REQUEST), stream=True))
    assert {chunk.usage for chunk in chunks} == {None}
    assert chunks[-1].choices[0].finish_reason == "stop"
    counted = list(client.chat.completions.create(**said(REQUEST), stream=True, stream_options={"include_usage": True}))
    assert counted[-1].choices == []
    assert counted[-1].usage.completion_tokens > 0
    assert len({chunk.id for chunk in (*chunks, *counted)}) == 1


def test_a_tool_is_called_and_its_result_is_told(client):
    asked: list[Any] = [{"role": "user", "content": "Use get_weather for Paris"}]
    first = client.chat.completions.create(model=MODEL, messages=asked, tools=[WEATHER]).choices[0]
    (call,) = first.message.tool_calls
    assert (first.finish_reason, first.message.content) == ("tool_calls", None)
    assert (call.type, call.function.name) == ("function", "get_weather")
    assert isinstance(json.loads(call.function.arguments)["city"], str)
    asked += [first.message, {"role": "tool", "tool_call_id": call.id, "content": "14 degrees, rain"}]
    second = client.chat.completions.create(model=MODEL, messages=asked, tools=[WEATHER]).choices[0]
    assert second.finish_reason == "stop"
    assert "14 degrees, rain" in second.message.content


def test_arguments_are_streamed_in_fragments(sandbox, client):
    sandbox.script(
        tool_calls=[{"name": "get_weather", "input": {"city": "Paris " * 20}}, {"name": "nobody", "raw": "{"}]
    )
    chunks = list(client.chat.completions.create(**said("Weather?"), tools=[WEATHER], stream=True))
    deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or ()]
    first = [delta for delta in deltas if delta.index == 0]
    assert len(first) > 3
    assert first[0].id.startswith("call_")
    assert {delta.id for delta in first[1:]} == {None}
    assert json.loads("".join(delta.function.arguments for delta in first)) == {"city": "Paris " * 20}
    assert "".join(delta.function.arguments for delta in deltas if delta.index == 1) == "{"
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_a_demanded_tool_is_called_and_a_forbidden_one_is_not(client):
    for choice in ("required", {"type": "function", "function": {"name": "get_weather"}}):
        found = client.chat.completions.create(**said("Hello"), tools=[WEATHER], tool_choice=choice)
        assert found.choices[0].finish_reason == "tool_calls"
    found = client.chat.completions.create(**said("Use get_weather"), tools=[WEATHER], tool_choice="none")
    assert found.choices[0].message.tool_calls is None


def test_an_answer_fits_the_schema_asked_for(client):
    found = client.chat.completions.parse(**said("Judge the draft"), response_format=Verdict)
    assert isinstance(found.choices[0].message.parsed, Verdict)
    again = streamed(client, **said("Judge the draft"), response_format=Verdict)
    assert again.choices[0].message.parsed == found.choices[0].message.parsed


def test_a_refusal_is_told_as_one(sandbox, client):
    sandbox.script(refuse=True, times=2)
    message = client.chat.completions.create(**said(REQUEST)).choices[0].message
    assert (message.content, bool(message.refusal)) == (None, True)
    assert streamed(client, **said(REQUEST)).choices[0].message.refusal == message.refusal


def test_an_answer_says_why_it_stopped(sandbox, client):
    cut = client.chat.completions.create(**said(REQUEST), max_completion_tokens=20).choices[0]
    assert cut.finish_reason == "length"
    stopped = client.chat.completions.create(**said(REQUEST), stop=["Celery"]).choices[0]
    assert (stopped.finish_reason, "Celery" in stopped.message.content) == ("stop", False)
    sandbox.script(stop_reason="content_filter")
    assert client.chat.completions.create(**said(REQUEST)).choices[0].finish_reason == "content_filter"


def test_thinking_is_counted_and_kept_to_itself(client):
    found = client.chat.completions.create(**said(REQUEST), reasoning_effort="high")
    assert 0 < found.usage.completion_tokens_details.reasoning_tokens < found.usage.completion_tokens
    plain = client.chat.completions.create(**said(REQUEST), reasoning_effort="none")
    assert plain.usage.completion_tokens_details.reasoning_tokens == 0


def test_limits_and_the_server_are_in_the_headers(client):
    raw = client.chat.completions.with_raw_response.create(**said("Plan a release"))
    used = raw.parse().usage.total_tokens
    limit, left = (int(raw.headers[f"x-ratelimit-{name}-tokens"]) for name in ("limit", "remaining"))
    assert limit - left == used
    assert raw.headers["x-ratelimit-reset-tokens"] == "1m0s"
    assert raw.headers["openai-version"] == "2020-10-01"
    assert raw.headers["x-nexus-sandbox"] == "1"


def test_models_are_listed_and_shown(client):
    assert {MODEL, "gpt-5.4-mini"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve(MODEL).object == "model"
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("gpt-nobody")
    assert raised.value.code == "model_not_found"


REFUSED: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    "an unknown field": ({"extra_body": {"colour": "red"}}, "unknown_parameter", "colour"),
    "no messages": ({"messages": []}, "empty_array", "messages"),
    "an unknown role": ({"messages": [{"role": "boss", "content": "x"}]}, "invalid_value", "messages[0].role"),
    "temperature of a thinker": ({"temperature": 0.2}, "unsupported_value", "temperature"),
    "max_tokens of a thinker": ({"max_tokens": 20}, "unsupported_parameter", "max_tokens"),
    "a text for a number": ({"seed": "one"}, "invalid_type", "seed"),
    "usage of no stream": ({"stream_options": {"include_usage": True}}, None, "stream_options"),
    "a choice of no tools": ({"tool_choice": "auto"}, None, "tool_choice"),
    "a result of no call": (
        {"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "x"}]},
        None,
        "messages[0].role",
    ),
    "an open schema": (
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "v", "strict": True, "schema": {"type": "object", "properties": {}}},
            }
        },
        "invalid_json_schema",
        "response_format.json_schema.schema",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_the_provider_refuses_is_refused(client, why):
    change, code, param = REFUSED[why]
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(**(said("Hello") | change))
    assert (raised.value.type, raised.value.code, raised.value.param) == ("invalid_request_error", code, param)
    assert raised.value.request_id.startswith("req_sandbox_")


def test_a_call_without_its_result_is_refused(client):
    call = {"id": "call_7", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages: list[Any] = [
        {"role": "user", "content": "Weather"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "user", "content": "Well?"},
    ]
    with pytest.raises(openai.BadRequestError, match="call_7"):
        client.chat.completions.create(model=MODEL, messages=messages)


def test_nobody_is_served_without_a_key_and_unknown_models_are_not_found(box, client):
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(**(said("Hello") | {"model": "gpt-nobody"}))
    assert raised.value.code == "model_not_found"
    refused = httpx2.post(f"{box.url}/v1/chat/completions", json=said("Hello"), trust_env=False, verify=NOBODY)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "invalid_request_error")


def test_a_model_on_a_server_of_ones_own_may_have_any_name(client):
    assert client.chat.completions.create(**(said("Hello") | {"model": "qwen3:8b", "temperature": 0.2})).choices


async def test_the_asynchronous_client_is_served_too(box):
    async with openai.AsyncOpenAI(base_url=f"{box.url}/v1", api_key="sk-test", max_retries=0) as client:
        stream = await client.chat.completions.create(**said(REQUEST), stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text.endswith("no model was asked")
