"""Servers on one's own machine speak OpenAI's wire with an accent; the client takes what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from apps.sandbox.remote import Remote
from apps.sandbox.server import running

MODEL = "qwen3:8b"
CALLS = [{"name": "look", "input": {"at": "the sky " * 20}}, {"name": "look", "input": {"at": "sea"}}]
TURN: Any = [{"role": "user", "content": "Look"}]


@pytest.fixture(scope="module")
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def client(box: Remote) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0) as found:
        yield found


def chunks(client: openai.OpenAI) -> list[Any]:
    more: Any = {"stream_options": {"include_usage": True}}
    return list(client.chat.completions.create(model=MODEL, messages=TURN, stream=True, **more))


def test_arguments_may_be_objects_and_calls_nameless(box, client):
    box.script(tool_calls=CALLS, quirks=["arguments_as_objects", "no_call_ids"], times=2)
    message = client.chat.completions.create(model=MODEL, messages=TURN).choices[0].message
    assert [(call.id, call.function.arguments) for call in message.tool_calls] == [("", one["input"]) for one in CALLS]
    deltas = [call for chunk in chunks(client) for choice in chunk.choices for call in choice.delta.tool_calls or ()]
    assert [(call.index, call.id, call.function.arguments) for call in deltas] == [
        (0, "", CALLS[0]["input"]),
        (1, "", CALLS[1]["input"]),
    ]


def test_every_chunk_may_have_an_id_of_its_own_and_no_reason_to_finish(box, client):
    box.script(text="One and two.", quirks=["id_per_chunk", "empty_finish_reason", "no_done"])
    found = chunks(client)
    assert len({chunk.id for chunk in found}) == len(found)
    reasons = [choice.finish_reason for chunk in found for choice in chunk.choices]
    assert (set(reasons[:-1]), reasons[-1]) == ({""}, "stop")
    assert found[-1].usage.total_tokens > 0


def test_a_local_server_tells_neither_limits_nor_usage(box, client):
    box.script(fault="like_a_local_server", times=2)
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=TURN)
    assert [name for name in raw.headers if "ratelimit" in name] == []
    assert raw.parse().usage is None
    assert {chunk.usage for chunk in chunks(client)} == {None}
