"""OpenAI's own client, as it is published, with a whole Nexus behind it."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.support.stack import KEY, Stack

ASKED = [{"role": "user", "content": "Compare three message brokers for a small team"}]


@pytest.fixture
def client(nexus: Stack) -> Iterator[openai.OpenAI]:
    with (
        openai.DefaultHttpxClient(trust_env=False) as line,
        openai.OpenAI(api_key=KEY, base_url=f"{nexus.url}/v1", max_retries=0, http_client=line) as made,
    ):
        yield made


def test_a_chat_completion_in_one_piece(client):
    made = client.chat.completions.create(model="nexus/intern", messages=ASKED)

    assert made.id.startswith("chatcmpl-")
    assert made.choices[0].finish_reason == "stop"
    assert "sandbox" in made.choices[0].message.content
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens > 0
    assert client.chat.completions.retrieve(made.id).choices == made.choices
