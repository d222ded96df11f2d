"""What of OpenAI's requests is asked of a model, and what is refused with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.providers.messages import Text, ToolResult, ToolUse
from apps.gateway import chat_reading, responses_reading
from apps.gateway.chat_shapes import CompletionIn
from apps.gateway.errors import Invalid, Refusal, Unsupported
from apps.gateway.questions import Question
from apps.gateway.responses_reading import Before

ELSEWHERE = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/"}}
USER = {"role": "user", "content": "Hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "minimum": Decimal("0.5")}}}


def chat(*messages, **more) -> Question:
    return chat_reading.read({"messages": list(messages), **more})


def shaped(schema: dict) -> dict:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}


def responses(input, **more) -> Question:
    return responses_reading.read({"input": input, **more}, Before())[0]


def test_who_speaks_and_what_is_said_becomes_turns():
    asked = chat(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "seen"},
        {"role": "developer", "content": "In English."},
    )

    assert asked.system == "Be brief.\n\nIn English."
    assert [turn.speaker for turn in asked.turns] == ["user", "assistant", "user"]
    assert asked.turns[1].blocks == (ToolUse(id="call_1", name="look", input={"at": 1}),)
    assert asked.turns[2].blocks == (ToolResult(id="call_1", text="seen"),)


def test_what_is_kept_is_read_again_as_it_was():
    asked = chat(USER, tools=[TOOL], tool_choice="required", max_tokens=7)

    assert Question.of_json(asked.as_json()) == asked
    assert asked.tools[0].schema["minimum"] == 0.5


def test_the_responses_api_says_the_same_in_its_own_way():
    asked = responses(
        [
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "seen"},
        ],
        instructions="Be brief.",
    )

    assert asked.system == "Be brief."
    assert [block.kind for turn in asked.turns for block in turn.blocks] == ["text", "tool_use", "tool_result"]
    assert responses("Hi").turns[0].blocks == (Text(text="Hi"),)


def test_a_tool_that_may_not_be_used_is_not_offered():
    assert chat(USER, tools=[TOOL], tool_choice="none").tools == ()
    assert (
        chat(USER, tools=[TOOL], tool_choice={"type": "function", "function": {"name": "look"}}).tool_choice == "look"
    )


@pytest.mark.parametrize(
    ("messages", "place"),
    [
        ([], "#/messages"),
        ([3], "#/messages/0"),
        ([{"role": "wizard", "content": "x"}], "#/messages/0/role"),
        ([{"role": "user", "content": ""}], "#/messages/0/content"),
        ([{"role": "user", "content": 5}], "#/messages/0/content"),
        ([{"role": "user", "content": [{"type": "text"}]}], "#/messages/0/content/0/text"),
        ([{"role": "user", "content": [ELSEWHERE]}], "#/messages/0/content/0"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], "#/messages/0/content/0/type"),
        ([USER, {"role": "assistant", "content": "Hello"}], "#/messages"),
        ([{"role": "assistant", "content": "Hello"}, USER], "#/messages"),
        ([USER, {"role": "assistant", "tool_calls": [CALL]}], "#/messages"),
        ([USER, {"role": "assistant", "tool_calls": [CALL]}, USER], "#/messages/2/role"),
        ([USER, {"role": "tool", "tool_call_id": "call_9", "content": "x"}], "#/messages/1/tool_call_id"),
        ([USER, {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "x"}}]}],
         "#/messages/1/tool_calls/0/arguments"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_with_its_place(messages, place):
    with pytest.raises(Refusal) as refused:
        chat(*messages)
    assert refused.value.pointer == place
    assert refused.value.status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "web_search"}]},
        {"tools": [{"type": "function", "function": {"name": "no blanks"}}]},
        {"tools": [TOOL, TOOL]},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}},
        {"tool_choice": "required"},
        {"response_format": {"type": "grammar"}},
        shaped({"type": "array"}),
        shaped({"type": "object", "properties": {"a": {"$ref": "http://169.254.169.254/"}}}),
        shaped({"type": "object", "$ref": "#"}),
        shaped({"type": "object", "$ref": "#/$defs/nowhere"}),
        shaped({"type": "object", "properties": {"a": {"pattern": "(a+)+$"}}}),
        shaped({"type": "object", "minProperties": "many"}),
    ],
)
def test_tools_and_formats_that_are_not_offered_are_refused(more):
    with pytest.raises((Invalid, Unsupported)):
        chat(USER, **more)


def test_a_property_may_be_called_pattern():
    named = {"type": "object", "properties": {"pattern": {"type": "string"}}}
    assert chat(USER, **shaped(named)).schema == named


def test_arguments_that_are_no_object_are_told_as_they_were():
    broken = {**CALL, "function": {"name": "look", "arguments": "{at"}}
    asked = chat(
        USER, {"role": "assistant", "tool_calls": [broken]}, {"role": "tool", "tool_call_id": "call_1", "content": "?"}
    )

    assert asked.turns[1].blocks == (ToolUse(id="call_1", name="look", input={}, malformed="{at"),)


@pytest.mark.parametrize(
    ("name", "value"), [("n", 2), ("logprobs", True), ("stop", ["x"]), ("modalities", ["audio"]), ("functions", [{}])]
)
def test_a_parameter_that_would_change_the_answer_is_refused_by_name(name, value):
    shape = CompletionIn(data={"model": "x", "messages": [USER], name: value})
    with pytest.raises(Unsupported) as refused:
        shape.is_valid(raise_exception=True)
    assert refused.value.pointer == f"#/{name}"


def test_parameters_that_change_nothing_are_taken():
    shape = CompletionIn(data={"model": "x", "messages": [USER], "temperature": Decimal("0.2"), "n": 1, "seed": 7})

    assert shape.is_valid()
    assert set(shape.validated_data) == {"model", "messages"}


def test_a_picture_is_looked_at_and_written_anew():
    import base64

    from tests.support.sent_files import png

    url = "data:image/png;base64," + base64.b64encode(png(3, 2)).decode()
    asked = chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]})

    assert [(block.kind, block.media_type) for block in asked.turns[0].blocks] == [("image", "image/png")]
