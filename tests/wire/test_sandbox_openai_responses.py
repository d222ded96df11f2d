"""The Responses API of the sandbox, as OpenAI's own client reads it over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from apps.sandbox.remote import Remote
from apps.sandbox.server import running

MODEL = "gpt-6-sol"
REQUEST = "Draft a release checklist for a Django service with Celery workers"
WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
THINKING: Any = {"reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}


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


def streamed(client: openai.OpenAI, **asked: Any) -> tuple[list[Any], Any]:
    events = list(client.responses.create(**({"model": MODEL, "input": REQUEST} | asked), stream=True))
    return events, events[-1].response


def test_a_response_is_read_whole(client):
    found = client.responses.create(model=MODEL, input=REQUEST, instructions="Be brief")
    assert (found.object, found.status, found.error, found.instructions) == ("response", "completed", None, "Be brief")
    assert found.output_text.endswith("— sandbox answer, no model was asked")
    assert found.id.startswith("resp_sandbox_")
    assert found.usage.total_tokens == found.usage.input_tokens + found.usage.output_tokens


def test_events_are_numbered_named_and_in_order(client):
    events, final = streamed(client)
    kinds = [event.type for event in events]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text
    assert events[0].response.usage is None


def test_streamed_and_whole_answers_are_the_same(client):
    whole = client.responses.create(model=MODEL, input=REQUEST)
    _, final = streamed(client)
    assert (final.id, final.output, final.usage) == (whole.id, whole.output, whole.usage)


def test_thoughts_come_first_as_an_item_of_their_own(client):
    with client.responses.stream(model=MODEL, input=REQUEST, **THINKING) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_response()
    assert {"response.reasoning_summary_text.delta", "response.reasoning_summary_part.done"} <= kinds
    thought = final.output[0]
    assert (thought.type, len(thought.summary)) == ("reasoning", 1)
    assert thought.encrypted_content
    assert 0 < final.usage.output_tokens_details.reasoning_tokens < final.usage.output_tokens
    bare = client.responses.create(model=MODEL, input=REQUEST, reasoning={"effort": "high"}).output[0]
    assert (bare.summary, bare.encrypted_content) == ([], None)


def test_a_function_is_called_and_its_output_is_told(client):
    items: list[Any] = [{"role": "user", "content": "Use get_weather for Paris"}]
    first = client.responses.create(model=MODEL, input=items, tools=[WEATHER])
    (call,) = first.output
    assert (call.type, call.name, call.status) == ("function_call", "get_weather", "completed")
    items += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "14 degrees, rain"}]
    second = client.responses.create(model=MODEL, input=items, tools=[WEATHER])
    assert "14 degrees, rain" in second.output_text
    follow = {"type": "function_call_output", "call_id": call.call_id, "output": "14 degrees, rain"}
    third = client.responses.create(model=MODEL, input=[follow], previous_response_id=first.id, tools=[WEATHER])
    assert third.output_text == second.output_text


def test_arguments_are_streamed_in_fragments(sandbox, client):
    sandbox.script(text="I look.", tool_calls=[{"name": "get_weather", "input": {"city": "Paris " * 20}}])
    events, final = streamed(client, tools=[WEATHER])
    deltas = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    (done,) = [event for event in events if event.type == "response.function_call_arguments.done"]
    assert len(deltas) > 3
    assert "".join(deltas) == done.arguments == final.output[1].arguments
    assert json.loads(done.arguments) == {"city": "Paris " * 20}
    assert [item.type for item in final.output] == ["message", "function_call"]


def test_an_answer_fits_the_schema_asked_for(client):
    found = client.responses.parse(model=MODEL, input="Judge the draft", text_format=Verdict)
    assert isinstance(found.output_parsed, Verdict)


def test_an_answer_can_be_incomplete_refused_or_failed(sandbox, client):
    events, cut = streamed(client, max_output_tokens=20)
    assert (events[-1].type, cut.status, cut.incomplete_details.reason) == (
        "response.incomplete",
        "incomplete",
        "max_output_tokens",
    )
    sandbox.script(stop_reason="content_filter")
    assert client.responses.create(model=MODEL, input=REQUEST).incomplete_details.reason == "content_filter"
    sandbox.script(refuse=True)
    events, refused = streamed(client)
    assert refused.output[0].content[0].type == "refusal"
    assert "response.refusal.delta" in {event.type for event in events}
    sandbox.script(stop_reason="something_new")
    events, failed = streamed(client)
    assert (events[-1].type, failed.status, failed.error.code) == ("response.failed", "failed", "server_error")


def test_a_stored_response_is_found_gone_on_with_and_forgotten(client):
    first = client.responses.create(model=MODEL, input=REQUEST)
    assert client.responses.retrieve(first.id).output_text == first.output_text
    second = client.responses.create(model=MODEL, input="Shorter", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert second.usage.input_tokens > first.usage.input_tokens + first.usage.output_tokens / 2
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model=MODEL, input="Shorter", previous_response_id=first.id)
    assert raised.value.code == "previous_response_not_found"
    unkept = client.responses.create(model=MODEL, input=REQUEST, store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(unkept.id)


CALL = {"type": "function_call", "call_id": "call_7", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_8", "output": "x"}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"extra_body": {"colour": "red"}}, "Unknown parameter: 'colour'"),
    "nothing": ({"input": []}, "empty array"),
    "an unknown item": ({"input": [{"type": "song"}]}, "Invalid value: 'song'"),
    "a call without an output": ({"input": [CALL]}, "No tool output found for function call call_7"),
    "an output without a call": (
        {"input": [OUTPUT]},
        "No tool call found for function call output",
    ),
    "too few tokens": ({"max_output_tokens": 3}, "integer below minimum value"),
    "an unnamed schema": ({"text": {"format": {"type": "json_schema", "schema": {}}}}, "text.format.name"),
    "a choice of no tools": ({"tool_choice": "required"}, "only allowed when 'tools'"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_the_provider_refuses_is_refused(client, why):
    change, told = REFUSED[why]
    with pytest.raises(openai.BadRequestError, match=told) as raised:
        client.responses.create(**({"model": MODEL, "input": "Hello"} | change))
    assert raised.value.type == "invalid_request_error"
