"""Thoughts come back as they left, where tools are used; a cache counts what was seen before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import openai
import pytest

from apps.sandbox.cache import LIVES, Cache
from apps.sandbox.costs import Piece
from apps.sandbox.remote import Remote
from apps.sandbox.server import running

CLAUDE, GPT = "claude-sonnet-5-5", "gpt-6-sol"
TOOL: Any = {"name": "look", "input_schema": {"type": "object"}}
THINKS: Any = {"type": "adaptive"}
LONG = "A rule that holds for everybody. " * 250
SHORT_LIFE: Any = {"type": "ephemeral"}
LONG_LIFE: Any = {"type": "ephemeral", "ttl": "1h"}


@pytest.fixture
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture
def claude(box: Remote) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0) as found:
        yield found


@pytest.fixture
def gpt(box: Remote) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0) as found:
        yield found


def asked(client: anthropic.Anthropic, turns: list[Any], **more: Any) -> Any:
    given = {"thinking": THINKS, "tools": [TOOL]} | more
    with client.messages.stream(model=CLAUDE, max_tokens=4000, messages=turns, **given) as stream:
        return stream.get_final_message()


def went_on(message: Any, content: list[Any]) -> list[Any]:
    (call,) = [block for block in message.content if block.type == "tool_use"]
    return [
        {"role": "user", "content": "Use look"},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "a tree"}]},
    ]


def test_thoughts_that_come_back_whole_are_taken(claude):
    first = asked(claude, [{"role": "user", "content": "Use look"}])
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    second = asked(claude, went_on(first, first.content))
    assert "a tree" in second.content[-1].text


def test_a_thought_that_was_left_out_changed_or_made_up_is_refused(claude):
    first = asked(claude, [{"role": "user", "content": "Use look"}])
    thought, call = (block.to_dict() for block in first.content)
    with pytest.raises(anthropic.BadRequestError, match="Expected `thinking` or `redacted_thinking`"):
        asked(claude, went_on(first, [call]))
    with pytest.raises(anthropic.BadRequestError, match="cannot be modified"):
        asked(claude, went_on(first, [thought | {"thinking": "Something else"}, call]))
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        asked(claude, went_on(first, [thought | {"signature": "c2lnbmVk"}, call]))
    with pytest.raises(anthropic.BadRequestError, match="Expected `thinking`"):
        asked(claude, went_on(first, [call]), thinking={"type": "enabled", "budget_tokens": 1024})
    assert asked(claude, went_on(first, [call]), thinking={"type": "disabled"}).stop_reason == "end_turn"


def test_hidden_thoughts_come_back_too(box, claude):
    box.script(thinking=[{"text": "Aloud."}, {"redacted": "Not aloud."}], tool_calls=[{"name": "look", "input": {}}])
    first = asked(claude, [{"role": "user", "content": "Use look"}])
    aloud, hidden, call = first.content
    assert [block.type for block in first.content] == ["thinking", "redacted_thinking", "tool_use"]
    assert (aloud.thinking, "Not aloud" in hidden.data) == ("Aloud.", False)
    assert "a tree" in asked(claude, went_on(first, first.content)).content[-1].text
    with pytest.raises(anthropic.BadRequestError, match="Invalid `data`"):
        asked(claude, went_on(first, [aloud, hidden.to_dict() | {"data": f"{hidden.data}x"}, call]))


def test_thoughts_of_a_response_go_before_its_calls(gpt):
    tools: Any = [{"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}]
    more: Any = {"model": GPT, "tools": tools, "reasoning": {"effort": "high"}, "store": False}
    more["include"] = ["reasoning.encrypted_content"]
    question = {"role": "user", "content": "Use look"}
    first = gpt.responses.create(input=[question], **more)
    thought, call = (item.to_dict() for item in first.output)
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "a tree"}
    assert "a tree" in gpt.responses.create(input=[question, thought, call, result], **more).output_text
    with pytest.raises(openai.BadRequestError, match="without its required 'reasoning' item"):
        gpt.responses.create(input=[question, call, result], **more)
    with pytest.raises(openai.BadRequestError) as raised:
        gpt.responses.create(input=[question, thought | {"encrypted_content": "forged"}, call, result], **more)
    assert raised.value.code == "invalid_encrypted_content"


def cost(client: anthropic.Anthropic, *, system: Any, text: str = "Plan", **more: Any) -> tuple[int, int, int, int]:
    turn: Any = [{"role": "user", "content": text}]
    usage = client.messages.create(model=CLAUDE, max_tokens=50, messages=turn, system=system, **more).usage
    whole = client.messages.count_tokens(model=CLAUDE, messages=turn, system=system, **more).input_tokens
    written = usage.cache_creation
    assert written is not None
    parts = (written.ephemeral_5m_input_tokens, written.ephemeral_1h_input_tokens)
    assert usage.cache_creation_input_tokens == sum(parts)
    assert whole == usage.input_tokens + (usage.cache_read_input_tokens or 0) + sum(parts)
    return usage.input_tokens, usage.cache_read_input_tokens or 0, *parts


def test_a_prompt_is_written_once_and_read_afterwards(claude):
    system = [{"type": "text", "text": LONG, "cache_control": SHORT_LIFE}]
    rest, read, short, long = cost(claude, system=system)
    assert (read, long) == (0, 0)
    assert short > 1024
    assert cost(claude, system=system, text="Plan more") == (rest + 1, short, 0, 0)
    assert cost(claude, system=[{"type": "text", "text": "Other. " + LONG, "cache_control": SHORT_LIFE}])[1] == 0
    assert cost(claude, system=LONG)[1:] == (0, 0, 0)


def test_lives_are_counted_apart(claude):
    system = [
        {"type": "text", "text": LONG, "cache_control": LONG_LIFE},
        {"type": "text", "text": LONG, "cache_control": SHORT_LIFE},
    ]
    _, read, short, long = cost(claude, system=system)
    assert read == 0
    assert short > 1024 < long
    assert cost(claude, system=system)[1:] == (short + long, 0, 0)


def test_a_conversation_that_grows_reads_what_it_wrote(claude):
    turns: list[Any] = [{"role": "user", "content": LONG}]
    usages = []
    for _ in range(3):
        made = claude.messages.create(model=CLAUDE, max_tokens=50, messages=turns, cache_control=SHORT_LIFE)
        usages.append(made.usage)
        turns += [{"role": "assistant", "content": made.content}, {"role": "user", "content": "Go on"}]
    reads = [usage.cache_read_input_tokens for usage in usages]
    assert reads[0] == 0
    assert 1024 < reads[1] < reads[2]
    assert usages[2].cache_creation_input_tokens > 0


def test_breakpoints_are_few_and_in_order(claude):
    block = {"type": "text", "text": LONG}
    with pytest.raises(anthropic.BadRequestError, match="A maximum of 4 blocks"):
        cost(claude, system=[block | {"cache_control": SHORT_LIFE}] * 5)
    with pytest.raises(anthropic.BadRequestError, match="must not come after"):
        cost(claude, system=[block | {"cache_control": SHORT_LIFE}, block | {"cache_control": LONG_LIFE}])


def test_openai_counts_a_cache_where_a_key_is_given(gpt):
    def used(**more: Any) -> tuple[int, int]:
        messages: Any = [{"role": "system", "content": LONG}, {"role": "user", "content": "Plan"}]
        found = gpt.chat.completions.create(model=GPT, messages=messages, **more).usage.prompt_tokens_details
        return found.cached_tokens, found.cache_write_tokens

    assert used() == used() == (0, 0)
    read, written = used(prompt_cache_key="a")
    assert (read, written > 1024) == (0, True)
    assert used(prompt_cache_key="a") == (written, 0)
    details = gpt.responses.create(model=GPT, instructions=LONG, input="Plan", prompt_cache_key="a").usage
    assert details.input_tokens_details.cached_tokens > 1024


def test_what_was_cached_is_forgotten_in_time():
    now = 0.0
    cache = Cache(clock=lambda: now)
    piece = [Piece(said="x", tokens=2000, keep={"type": "ephemeral"})]
    assert cache.look(piece, scope="m").short == 2000
    now += LIVES["5m"] - 1
    assert cache.look(piece, scope="m").read == 2000  # and reading it keeps it
    now += LIVES["5m"] - 1
    assert cache.look(piece, scope="m").read == 2000
    now += LIVES["5m"] + 1
    assert cache.look(piece, scope="m").read == 0


def test_memory_can_be_emptied(box, claude):
    system = [{"type": "text", "text": LONG, "cache_control": SHORT_LIFE}]
    cost(claude, system=system)
    assert cost(claude, system=system)[1] > 0
    box.forget_memory()
    assert cost(claude, system=system)[1] == 0
