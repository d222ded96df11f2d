"""The Messages API as we speak it: what a conversation becomes, what events become, whatever is missing in them."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from agents.providers import anthropic_wire
from agents.providers.base import ProviderRequest
from agents.providers.messages import (
    Document,
    Image,
    Text,
    Thinking,
    ToolOffer,
    ToolResult,
    ToolUse,
    Turn,
    as_json,
    of_json,
    said,
)
from agents.providers.seen import Seen
from billing.prices import Usage

LOOK = ToolOffer(name="look", description="Look it up.", schema={"type": "object", "properties": {}})
TALK = (
    Turn(
        speaker="user",
        blocks=(
            Image(media_type="image/png", data="aGk="),
            Document(media_type="application/pdf", name="a.pdf", data="aGk="),
            Document(media_type="text/plain", name="a.txt", data=base64.b64encode("hé".encode()).decode()),
            Text(text="What is this?"),
        ),
    ),
    Turn(
        speaker="assistant",
        blocks=(
            Thinking(text="hmm", signature="sig"),
            Thinking(text="", redacted="blob"),
            ToolUse(id="t1", name="look", input={"at": "it"}),
            ToolUse(id="t2", name="look", input={}, malformed='{"at'),
        ),
    ),
    Turn(speaker="user", blocks=(ToolResult(id="t1", text=""), ToolResult(id="t2", text="no", is_error=True))),
)


def request(**changes: Any) -> ProviderRequest:
    given: dict[str, Any] = {
        "id": uuid4(),
        "model": "m",
        "system": "Be brief.",
        "turns": (said("Hi"),),
        "max_tokens": 9,
    }
    return ProviderRequest(**given | changes)


def test_a_single_question_is_sent_without_a_mark_for_the_cache():
    asked = request()
    sent = anthropic_wire.body(asked)
    assert sent["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    assert (sent["system"], sent["stream"]) == ("Be brief.", True)
    assert sent["extra_headers"] == {"X-Nexus-Request-Id": str(asked.id)}
    assert not {"tools", "output_config", "thinking"} & set(sent)
    assert "system" not in anthropic_wire.body(request(system=""))


def test_a_conversation_goes_back_as_it_came():
    sent = anthropic_wire.body(request(turns=TALK, tools=(LOOK,)))
    first, second, third = sent["messages"]
    assert [block["type"] for block in first["content"]] == ["image", "document", "document", "text"]
    assert first["content"][2]["source"] == {"type": "text", "media_type": "text/plain", "data": "hé"}
    assert first["content"][1]["source"] == {"type": "base64", "media_type": "application/pdf", "data": "aGk="}
    assert second["content"] == [
        {"type": "thinking", "thinking": "hmm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "blob"},
        {"type": "tool_use", "id": "t1", "name": "look", "input": {"at": "it"}},
        {"type": "tool_use", "id": "t2", "name": "look", "input": {}},
    ]
    assert [(block["tool_use_id"], block["content"], block["is_error"]) for block in third["content"]] == [
        ("t1", "(nothing)", False),
        ("t2", "no", True),
    ]
    assert sent["tools"] == [{"name": "look", "description": "Look it up.", "input_schema": LOOK.schema}]


def test_what_will_be_sent_again_is_marked_for_the_cache_at_most_four_times():
    turns = TALK + TALK[1:] + TALK[1:]
    sent = anthropic_wire.body(request(turns=turns, tools=(LOOK,)))
    assert "cache_control" in sent["system"][0]
    marked = [
        number
        for number, message in enumerate(sent["messages"])
        for block in message["content"]
        if "cache_control" in block
    ]
    assert marked == [4, 6], "on our last two turns: where this request ends, and where the one before it ended"
    assert all("cache_control" not in block for message in sent["messages"][:4] for block in message["content"])


def test_effort_and_a_schema_are_passed_on():
    sent = anthropic_wire.body(request(effort="high", schema={"type": "object", "properties": {}}))
    assert sent["output_config"]["effort"] == "high"
    assert sent["output_config"]["format"]["schema"]["additionalProperties"] is False


def test_turns_survive_being_stored():
    assert of_json(as_json(TALK)) == TALK


def event(kind: str, **given: Any) -> SimpleNamespace:
    return SimpleNamespace(type=kind, **given)


def start(index: int, kind: str, **given: Any) -> SimpleNamespace:
    return event("content_block_start", index=index, content_block=event(kind, **given))


def delta(index: int, kind: str, **given: Any) -> SimpleNamespace:
    return event("content_block_delta", index=index, delta=event(kind, **given))


def end(reason: str | None, usage: object = None, details: object = None) -> SimpleNamespace:
    return event("message_delta", delta=SimpleNamespace(stop_reason=reason, stop_details=details), usage=usage)


def counts(**given: Any) -> SimpleNamespace:
    names = {"input_tokens": None, "output_tokens": None, "cache_creation_input_tokens": None}
    return SimpleNamespace(**names | {"cache_read_input_tokens": None} | given)


def heard(*events: object) -> tuple[Seen, str]:
    """What was seen of these events, and the words that were told."""
    seen, words = Seen(), []
    listener = anthropic_wire.Listener(seen, words.append)
    for one in events:
        listener.take(one)
    return seen, "".join(words)


def test_blocks_come_together_from_their_pieces():
    seen, words = heard(
        event("message_start", message=SimpleNamespace(usage=counts(input_tokens=12, output_tokens=1))),
        start(0, "thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="hmm"),
        delta(0, "signature_delta", signature="sig"),
        start(1, "redacted_thinking", data="blob"),
        start(2, "text", text=""),
        delta(2, "text_delta", text="Let "),
        delta(2, "text_delta", text="me."),
        start(3, "tool_use", id="t1", name="look", input={}),
        delta(3, "input_json_delta", partial_json=""),
        delta(3, "input_json_delta", partial_json='{"at": '),
        delta(3, "input_json_delta", partial_json='"it"}'),
        start(4, "server_tool_use", id="x"),
        delta(4, "input_json_delta", partial_json="{}"),
        start(5, "text", text=""),
        event("weather_report"),
        end("tool_use", counts(output_tokens=89)),
    )
    assert seen.blocks == (
        Thinking(text="hmm", signature="sig", maker="anthropic"),
        Thinking(text="", redacted="blob", maker="anthropic"),
        Text(text="Let me."),
        ToolUse(id="t1", name="look", input={"at": "it"}),
    )
    assert (words, seen.stop_reason) == ("Let me.", "tool_use")
    assert seen.answer().usage == Usage(input_tokens=12, output_tokens=89)


@pytest.mark.parametrize("wrong", ['{"at": ', "[1]", "three", '{"a": 1}{'])
def test_a_tools_input_that_is_no_object_is_said_to_be_malformed_and_the_bill_is_read_all_the_same(wrong):
    seen, _ = heard(
        start(0, "tool_use", id="t", name="look"),
        delta(0, "input_json_delta", partial_json=wrong),
        end("tool_use", counts(input_tokens=3, output_tokens=4)),
    )
    assert seen.blocks == (ToolUse(id="t", name="look", input={}, malformed=wrong),)
    assert seen.answer().usage == Usage(input_tokens=3, output_tokens=4)


def test_a_tools_input_that_was_cut_is_not_taken_even_if_it_parses():
    seen, _ = heard(
        start(0, "tool_use", id="t", name="look"),
        delta(0, "input_json_delta", partial_json='{"lines": 1}'),
        end("max_tokens", counts(input_tokens=3, output_tokens=4)),
    )
    assert seen.blocks == (ToolUse(id="t", name="look", input={}, malformed='{"lines": 1}'),)


def test_counts_replace_each_other_and_the_hours_part_of_a_cache_is_kept():
    opening = counts(
        input_tokens=10,
        output_tokens=1,
        cache_creation_input_tokens=30,
        cache_read_input_tokens=5,
        cache_creation=SimpleNamespace(ephemeral_1h_input_tokens=20),
    )
    seen, _ = heard(
        event("message_start", message=SimpleNamespace(usage=opening)),
        end("end_turn", counts(output_tokens=7, cache_creation_input_tokens=40)),
    )
    assert seen.usage == Usage(input_tokens=10, output_tokens=7, cache_write_5m=20, cache_write_1h=20, cache_read=5)


@pytest.mark.parametrize("nonsense", [-1, "many", 1.5, True])
def test_counts_that_are_none_are_not_believed(nonsense):
    seen, _ = heard(end("end_turn", counts(input_tokens=3, output_tokens=nonsense)))
    assert seen.usage is None
    assert seen.answer().usage is None


def test_an_end_without_counts_leaves_what_was_said_at_the_start():
    seen, _ = heard(
        event("message_start", message=SimpleNamespace(usage=counts(input_tokens=12, output_tokens=1))),
        end("refusal", None, SimpleNamespace(category="cyber")),
    )
    answer = seen.answer()
    assert (answer.usage, answer.seen_input_tokens) == (None, 12)
    assert (answer.stop_reason, answer.stop_detail) == ("refusal", "cyber")
