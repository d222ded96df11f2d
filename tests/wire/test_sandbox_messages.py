"""The Messages API of the sandbox, as the real SDK reads it over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running
from tests.support.loopback import NOBODY

MODEL = "claude-sonnet-5-5"
REQUEST = "Draft a release checklist for a Django service with Celery workers"
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Remote]:
    with running() as box:
        yield box


@pytest.fixture(scope="module")
def client(sandbox: Remote) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=sandbox.url, api_key="sk-test", max_retries=0) as found:
        yield found


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 4096, "messages": [{"role": "user", "content": text}], **more}


def test_a_stream_is_read_to_its_end(client):
    with client.messages.stream(**said(REQUEST)) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_message()
    assert {"message_start", "content_block_start", "content_block_delta", "text", "message_stop"} <= kinds
    assert message.stop_reason == "end_turn"
    assert message.id.startswith("msg_sandbox_")
    assert message.content[0].text.endswith("— sandbox answer, no model was asked")
    assert stream.response.headers["x-nexus-sandbox"] == "1"
    assert stream.request_id.startswith("req_")


def test_streamed_and_whole_answers_are_the_same(client):
    whole = client.messages.create(**said(REQUEST))
    with client.messages.stream(**said(REQUEST)) as stream:
        streamed = stream.get_final_message()
    assert whole.to_dict() == {name: value for name, value in streamed.to_dict().items() if name != "parsed_output"}


def test_the_deltas_are_the_text(client):
    with client.messages.stream(**said(REQUEST)) as stream:
        deltas = list(stream.text_stream)
        message = stream.get_final_message()
    assert "".join(deltas) == message.content[0].text
    assert 5 < len(deltas) < 60


def test_the_same_request_gets_the_same_bytes(sandbox):
    with httpx2.Client(base_url=sandbox.url, trust_env=False, verify=NOBODY) as raw:
        headers = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
        first, second = (raw.post("/v1/messages", json=said(REQUEST), headers=headers) for _ in range(2))
        other = raw.post("/v1/messages", json=said(REQUEST + "!!"), headers=headers)
    assert first.content == second.content
    assert first.headers["request-id"] != second.headers["request-id"]
    assert other.json()["id"] != first.json()["id"]


def test_rate_limits_and_the_organisation_are_in_the_headers(client):
    raw = client.messages.with_raw_response.create(**said("Plan a release"))
    used = raw.parse().usage
    left = int(raw.headers["anthropic-ratelimit-tokens-remaining"])
    assert int(raw.headers["anthropic-ratelimit-tokens-limit"]) - left == used.input_tokens + used.output_tokens
    assert raw.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert raw.headers["anthropic-organization-id"]


@pytest.mark.parametrize("text", [REQUEST, "为使用 Celery 的 Django 服务起草一份上线清单", "x", "word " * 500])
def test_a_count_beforehand_is_the_usage_afterwards(client, text):
    more = {"system": "Answer in order.", "tools": [WEATHER]}
    counted = client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": text}], **more)
    used = client.messages.create(**said(text, **more)).usage
    assert counted.input_tokens == used.input_tokens
    assert used.output_tokens > 0


def test_more_text_costs_more(client):
    few, many = (client.messages.create(**said(text)).usage for text in ("Plan it", "Plan it " * 50))
    assert many.input_tokens > few.input_tokens


def test_chinese_is_answered_in_chinese(client):
    message = client.messages.create(**said("为使用 Celery 的 Django 服务起草一份上线清单"))
    text = message.content[0].text
    assert text.endswith("——沙盒（sandbox）回答，没有调用任何模型")
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in text) > 50


def test_the_token_limit_cuts_the_answer(client):
    message = client.messages.create(**said(REQUEST, max_tokens=20))
    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens <= 21
    whole = client.messages.create(**said(REQUEST)).content[0].text
    assert whole.startswith(message.content[0].text)


def test_a_stop_sequence_ends_the_answer(client):
    message = client.messages.create(**said(REQUEST, stop_sequences=["Celery"]))
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "Celery")
    assert "Celery" not in message.content[0].text


def test_thinking_comes_first_and_is_counted(client):
    with client.messages.stream(**said(REQUEST, thinking={"type": "adaptive"})) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].signature
    assert message.usage.output_tokens_details.thinking_tokens > 0


def test_a_demanded_tool_is_called_with_valid_input(client):
    with client.messages.stream(
        **said("Weather please", tools=[WEATHER], tool_choice={"type": "tool", "name": "get_weather"})
    ) as stream:
        partial = [event.partial_json for event in stream if event.type == "input_json"]
        message = stream.get_final_message()
    (call,) = message.content
    assert message.stop_reason == "tool_use"
    assert (call.type, call.name) == ("tool_use", "get_weather")
    assert call.id.startswith("toolu_sandbox_")
    assert json.loads("".join(partial)) == call.input
    assert isinstance(call.input["city"], str)


def test_a_tool_that_the_request_names_is_called_once_and_its_result_is_told(client):
    asked = {"role": "user", "content": "Use get_weather for Paris"}
    first = client.messages.create(**{**said(""), "messages": [asked]}, tools=[WEATHER])
    (call,) = first.content
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "14 degrees, rain"}
    second = client.messages.create(
        model=MODEL,
        max_tokens=4096,
        tools=[WEATHER],
        messages=[asked, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}],
    )
    assert second.stop_reason == "end_turn"
    assert "14 degrees, rain" in second.content[0].text


def test_tools_that_nobody_asks_for_are_left_alone(client):
    message = client.messages.create(**said("Draft a plan", tools=[WEATHER]))
    assert [block.type for block in message.content] == ["text"]
    message = client.messages.create(**said("Use get_weather", tools=[WEATHER], tool_choice={"type": "none"}))
    assert [block.type for block in message.content] == ["text"]


def test_models_are_listed_and_shown(client):
    ids = [model.id for model in client.models.list(limit=3)]  # three to a page, all pages
    assert {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert client.models.retrieve(MODEL).display_name == "Claude Sonnet 5.5"
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-nobody-1")


async def test_the_asynchronous_client_is_served_too(sandbox):
    async with (
        anthropic.AsyncAnthropic(base_url=sandbox.url, api_key="sk-test", max_retries=0) as client,
        client.messages.stream(**said(REQUEST)) as stream,
    ):
        message = await stream.get_final_message()
    assert message.stop_reason == "end_turn"
