"""OpenAI's formats as we speak them: what a conversation becomes, what chunks and events become."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from agents.providers import anthropic_wire, openai_chat, openai_parts, openai_responses
from agents.providers.base import ProviderRequest
from agents.providers.messages import Document, Image, Text, Thinking, ToolOffer, ToolResult, ToolUse, Turn, said
from agents.providers.openai_errors import ErrorEvent
from agents.providers.seen import Seen
from billing.prices import Usage

LOOK = ToolOffer(name="look", description="Look it up.", schema={"type": "object", "properties": {}})
CLOSED = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
SEAL = json.dumps({"id": "rs_1", "summary": ["hm"], "encrypted_content": "gAAA"})
TALK = (
    Turn(
        speaker="user",
        blocks=(
            Image(media_type="image/png", data="aGk="),
            Document(media_type="application/pdf", name="a.pdf", data="aGk="),
            Document(media_type="text/plain", name="a.txt", data=base64.b64encode(b"hello").decode()),
            Text(text="What is this?"),
        ),
    ),
    Turn(
        speaker="assistant",
        blocks=(
            Thinking(text="hm", redacted=SEAL, maker="openai"),
            Thinking(text="of another maker", signature="sig", maker="anthropic"),
            Text(text="I look."),
            ToolUse(id="c1", name="look", input={"at": "é"}),
        ),
    ),
    Turn(
        speaker="user",
        blocks=(ToolResult(id="c1", text="a cat"), ToolResult(id="c2", text="no", is_error=True), Text(text="So?")),
    ),
)


def request(**changes: Any) -> ProviderRequest:
    given: dict[str, Any] = {"id": uuid4(), "model": "gpt-6-sol", "system": "Be brief.", "max_tokens": 9}
    return ProviderRequest(**given | {"turns": (said("Hi"),)} | changes)


def test_chat_is_told_everything_in_its_own_order():
    sent = openai_chat.body(request(turns=TALK, tools=(LOOK,), schema=CLOSED, effort="low"))
    system, asked, spoken, first, second, more = sent["messages"]
    assert system == {"role": "system", "content": "Be brief."}
    assert [part["type"] for part in asked["content"]] == ["image_url", "file", "text", "text"]
    assert asked["content"][0]["image_url"] == {"url": "data:image/png;base64,aGk="}
    assert asked["content"][2]["text"] == "a.txt:\nhello"
    assert (spoken["content"], json.loads(spoken["tool_calls"][0]["function"]["arguments"])) == ("I look.", {"at": "é"})
    assert [first["content"], second["content"], more["content"]] == ["a cat", "Error: no", "So?"]
    assert sent["response_format"]["json_schema"] == {"name": "answer", "schema": CLOSED, "strict": True}
    assert (sent["stream_options"], sent["reasoning_effort"]) == ({"include_usage": True}, "low")
    assert sent["tools"][0]["function"]["name"] == "look"


def test_a_limit_has_the_name_that_the_model_knows():
    assert openai_chat.body(request())["max_completion_tokens"] == 9
    assert openai_chat.body(request(model="qwen3:8b"))["max_tokens"] == 9


def test_words_alone_are_sent_as_one_text_and_no_system_is_none():
    sent = openai_chat.body(request(system=""))
    assert sent["messages"] == [{"role": "user", "content": "Hi"}]
    assert not {"tools", "response_format", "reasoning_effort"} & set(sent)


def test_responses_are_told_everything_and_thoughts_go_back_to_their_maker_alone():
    sent = openai_responses.body(request(turns=TALK, tools=(LOOK,), schema=CLOSED, effort="high"))
    kinds = [item.get("type") or item["role"] for item in sent["input"]]
    assert kinds == [
        "user", "reasoning", "assistant", "function_call", "function_call_output", "function_call_output", "user",
    ]  # fmt: skip
    assert sent["input"][1] == {
        "type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "gAAA",
    }  # fmt: skip
    assert [part["type"] for part in sent["input"][0]["content"]] == [
        "input_image", "input_file", "input_text", "input_text",
    ]  # fmt: skip
    assert (sent["store"], sent["instructions"], sent["include"]) == (
        False,
        "Be brief.",
        ["reasoning.encrypted_content"],
    )
    assert sent["text"]["format"]["strict"] is True
    assert sent["tools"][0] == {"type": "function", "strict": False, "name": "look"} | {
        "description": "Look it up.", "parameters": LOOK.schema,
    }  # fmt: skip
    bare = openai_responses.body(request(system=""))
    assert not {"instructions", "reasoning", "include", "tools", "text"} & set(bare)


def test_thoughts_of_another_maker_are_left_out_everywhere():
    assert "hm" not in json.dumps(anthropic_wire.body(request(turns=TALK))["messages"][1])
    unsealed = Thinking(
        text="x", redacted=json.dumps({"id": "r", "summary": [], "encrypted_content": ""}), maker="openai"
    )
    silent = (said("Hi"), Turn(speaker="assistant", blocks=(unsealed,)), said("Go on."))
    assert [item["role"] for item in openai_responses.body(request(turns=silent))["input"]] == ["user", "user"]
    assert [item["role"] for item in openai_chat.body(request(turns=silent, system=""))["messages"]] == ["user", "user"]
    assert [item["role"] for item in anthropic_wire.body(request(turns=silent))["messages"]] == ["user", "user"]


@pytest.mark.parametrize("part", [openai_parts.chat_part, openai_parts.responses_part])
def test_a_block_of_the_model_does_not_stand_in_a_turn_of_ours(part):
    with pytest.raises(TypeError, match="tool_use"):
        part(ToolUse(id="x", name="y", input={}))


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        ({"type": "object", "properties": {"n": {}}, "additionalProperties": False}, False),
        ({"type": "object", "properties": {}, "required": []}, False),
        (CLOSED | {"properties": {"n": {"type": "object"}}}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"anyOf": [CLOSED, {"type": "null"}]}, True),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "object"}}}, False),
        ({"items": True}, True),
    ],
)
def test_a_schema_is_held_to_strictly_where_it_says_everything(schema, strict):
    assert openai_parts.is_strict(schema) is strict


def some(**given: Any) -> SimpleNamespace:
    return SimpleNamespace(**given)


def piece(finish: str | None = None, usage: object = None, **delta: Any) -> SimpleNamespace:
    return some(choices=[some(delta=some(**delta), finish_reason=finish)], usage=usage)


def call(index: int | None, arguments: object, *, id: str | None = None, name: str | None = None) -> SimpleNamespace:
    return some(index=index, id=id, function=some(name=name, arguments=arguments))


USAGE = some(prompt_tokens=19, completion_tokens=10, prompt_tokens_details=some(cached_tokens=4, cache_write_tokens=5))


def heard(listener_of: Any, *events: object) -> tuple[Seen, str]:
    seen, words = Seen(), []
    listener = listener_of(seen, words.append)
    for event in events:
        listener.take(event)
    return seen, "".join(words)


def chat(*chunks: object) -> tuple[Seen, str]:
    return heard(openai_chat.Listener, *chunks)


def test_chunks_come_together():
    seen, words = chat(
        piece(role="assistant", content=""),
        piece(content="Hel"),
        piece(content="lo"),
        piece(tool_calls=[call(0, "", id="a", name="f"), call(1, "", id="b", name="g")]),
        piece(tool_calls=[call(0, '{"x"'), call(1, "[1]")]),
        piece(tool_calls=[call(0, ":1}")]),
        piece("tool_calls"),
        some(choices=[], usage=USAGE),
    )
    assert words == "Hello"
    assert seen.blocks == (
        Text(text="Hello"),
        ToolUse(id="a", name="f", input={"x": 1}),
        ToolUse(id="b", name="g", input={}, malformed="[1]"),
    )
    assert seen.answer().stop_reason == "tool_use"
    assert seen.answer().usage == Usage(input_tokens=10, output_tokens=10, cache_read=4, cache_write_5m=5)


def test_servers_of_ones_own_are_understood():
    """No index, arguments as an object, an empty reason to finish, no usage."""
    seen, _ = chat(piece(tool_calls=[call(None, {"x": 1}, id="only", name="f")]), piece(""))
    assert seen.blocks == (ToolUse(id="only", name="f", input={"x": 1}),)
    assert (seen.answer().stop_reason, seen.answer().usage) == ("tool_use", None)
    assert chat(piece("stop", content="Hi"))[0].answer().stop_reason == "end_turn"
    assert chat(some(choices=None))[0].stop_reason is None


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_tokens"), ("content_filter", "refusal"), ("weird", "weird")]
)
def test_reasons_to_stop_are_ours(finish, reason):
    assert chat(piece(finish, content="x"))[0].stop_reason == reason


def test_a_refusal_is_one_in_chat():
    seen, words = chat(piece(refusal="I can't."), piece("stop"))
    assert (seen.stop_reason, words) == ("refusal", "I can't.")


@pytest.mark.parametrize(
    "nonsense",
    [
        some(prompt_tokens=-1, completion_tokens=1),
        some(prompt_tokens=1, completion_tokens=None),
        some(prompt_tokens=1, completion_tokens=1, prompt_tokens_details=some(cached_tokens=2)),
        some(prompt_tokens=True, completion_tokens=1),
    ],
)
def test_counts_that_are_none_are_not_believed(nonsense):
    assert chat(piece("stop", usage=nonsense))[0].answer().usage is None


def response(status: str = "completed", *output: object, **more: Any) -> SimpleNamespace:
    usage = some(input_tokens=37, output_tokens=11, input_tokens_details=some(cached_tokens=7, cache_write_tokens=0))
    return some(**{"status": status, "output": list(output), "usage": usage, "error": None} | more)


def spoken(*content: object) -> SimpleNamespace:
    return some(type="message", content=list(content))


def event(kind: str, **given: Any) -> SimpleNamespace:
    return some(type=kind, **given)


def responses(*events: object) -> tuple[Seen, str]:
    return heard(openai_responses.Listener, *events)


def test_the_last_event_is_the_answer():
    thought = some(type="reasoning", id="rs_1", summary=[some(text="hm")], encrypted_content="gAAA")
    asks = some(type="function_call", call_id="c", name="look", arguments='{"at": 1}')
    text = some(type="output_text", text="Hi there")
    seen, words = responses(
        event("response.created"),
        event("response.output_item.added"),
        event("response.output_text.delta", delta="Hi "),
        event("response.output_text.delta", delta="there"),
        event("response.completed", response=response("completed", thought, spoken(text), asks, some(type="search"))),
    )
    assert words == "Hi there"
    assert seen.blocks == (
        Thinking(text="hm", redacted=SEAL, maker="openai"),
        Text(text="Hi there"),
        ToolUse(id="c", name="look", input={"at": 1}),
    )
    assert (seen.answer().stop_reason, seen.begun) == ("tool_use", True)
    assert seen.answer().usage == Usage(input_tokens=30, output_tokens=11, cache_read=7)


def test_an_answer_may_be_incomplete_refused_or_uncounted():
    cut = some(type="function_call", call_id="c", name="look", arguments='{"at": 1}')
    why = some(reason="max_output_tokens")
    seen, _ = responses(event("response.incomplete", response=response("incomplete", cut, incomplete_details=why)))
    assert (seen.stop_reason, seen.blocks[0].malformed) == ("max_tokens", '{"at": 1}')
    refusal = spoken(some(type="refusal", refusal="No."))
    refused, _ = responses(
        event("response.refusal.delta", delta="No."),
        event("response.completed", response=response("completed", refusal)),
    )
    assert (refused.stop_reason, refused.answer().text) == ("refusal", "No.")
    bare, _ = responses(event("response.completed", response=response(usage=None)))
    assert (bare.stop_reason, bare.answer().usage) == ("end_turn", None)


def test_an_error_is_raised_with_its_code_and_with_what_was_counted():
    seen = Seen()
    listener = openai_responses.Listener(seen, lambda _: None)
    failed = response("failed", error=some(code="server_error", message="oh"))
    with pytest.raises(ErrorEvent) as raised:
        listener.take(event("response.failed", response=failed))
    assert (raised.value.code, str(raised.value)) == ("server_error", "oh")
    assert seen.usage == Usage(input_tokens=30, output_tokens=11, cache_read=7)
    with pytest.raises(ErrorEvent, match="slow"):
        listener.take(event("error", code="rate_limit_exceeded", message="slow down"))
