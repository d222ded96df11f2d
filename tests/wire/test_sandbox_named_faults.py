"""Every fault that has a name, on every wire: what the official clients make of it, and what the journal says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from apps.sandbox import faults
from apps.sandbox.remote import Remote
from apps.sandbox.server import running

ASKED = "Draft a release checklist for a Django service"
CLAUDE, GPT = "claude-sonnet-5-5", "gpt-6-sol"

BORNE = {
    "unknown_event", "giant_line", "comments", "crlf", "byte_by_byte", "compressed", "stream_in_place_of_json",
    "clock_skew", "no_limits", "zero_usage", "absurd_usage", "like_a_local_server", "redirect",
}  # fmt: skip
"""Of these nobody notices anything: the answer is whole."""

# What is raised: by the messages, the chat and the responses of the clients; and the fate in the journal.
RAISED: dict[str, tuple[str, str, str, str]] = {
    "bad_key": ("AuthenticationError", "AuthenticationError", "AuthenticationError", "error"),
    "billing": ("PaymentRequiredError", "APIStatusError", "APIStatusError", "error"),
    "closed": ("APIConnectionError", "APIConnectionError", "APIConnectionError", "cut"),
    "conflict": ("ConflictError", "ConflictError", "ConflictError", "error"),
    "context_length": ("BadRequestError", "BadRequestError", "BadRequestError", "error"),
    "cut_at_once": ("RemoteProtocolError", "APIConnectionError", "APIConnectionError", "cut"),
    "cut_in_an_event": ("RemoteProtocolError", "APIConnectionError", "APIConnectionError", "cut"),
    "cut_midway": ("RemoteProtocolError", "APIConnectionError", "APIConnectionError", "cut"),
    "error_of_nobody": ("InternalServerError", "InternalServerError", "InternalServerError", "error"),
    "error_without_a_body": ("InternalServerError", "InternalServerError", "InternalServerError", "error"),
    "forbidden": ("PermissionDeniedError", "PermissionDeniedError", "PermissionDeniedError", "error"),
    "gateway_page": ("InternalServerError", "InternalServerError", "InternalServerError", "error"),
    "gateway_timeout": ("GatewayTimeoutError", "InternalServerError", "InternalServerError", "error"),
    "invalid_utf8": ("UnicodeDecodeError", "UnicodeDecodeError", "UnicodeDecodeError", "answered"),
    "no_such_model": ("NotFoundError", "NotFoundError", "NotFoundError", "error"),
    "not_compressed_as_said": ("DecodingError", "APIConnectionError", "APIConnectionError", "answered"),
    "overloaded": ("OverloadedError", "InternalServerError", "InternalServerError", "error"),
    "pings_only": ("RemoteProtocolError", "APIConnectionError", "APIConnectionError", "cut"),
    "quota": ("BadRequestError", "RateLimitError", "RateLimitError", "error"),
    "rate_limit": ("RateLimitError", "RateLimitError", "RateLimitError", "error"),
    "rate_limit_for_days": ("RateLimitError", "RateLimitError", "RateLimitError", "error"),
    "rate_limit_now": ("RateLimitError", "RateLimitError", "RateLimitError", "error"),
    "rate_limit_of_unknown_length": ("RateLimitError", "RateLimitError", "RateLimitError", "error"),
    "rate_limit_until_a_date": ("RateLimitError", "RateLimitError", "RateLimitError", "error"),
    "reset": ("APIConnectionError", "APIConnectionError", "APIConnectionError", "cut"),
    "reset_midway": ("ReadError", "APIConnectionError", "APIConnectionError", "cut"),
    "server_error": ("InternalServerError", "InternalServerError", "InternalServerError", "error"),
    "silence": ("APITimeoutError", "APITimeoutError", "APITimeoutError", "client_gone"),
    "slow_first_byte": ("APITimeoutError", "APITimeoutError", "APITimeoutError", "client_gone"),
    "spend_limit": ("EnforcedSpendLimitReachedError", "RateLimitError", "RateLimitError", "error"),
    "stall_at_once": ("ReadTimeout", "APITimeoutError", "APITimeoutError", "client_gone"),
    "stall_midway": ("ReadTimeout", "APITimeoutError", "APITimeoutError", "client_gone"),
    "timeout": ("RequestTimeoutError", "APIStatusError", "APIStatusError", "error"),
    "too_large": ("ContentTooLargeError", "APIStatusError", "APIStatusError", "error"),
    "truncated_json": ("JSONDecodeError", "JSONDecodeError", "JSONDecodeError", "answered"),
    "unavailable": ("ServiceUnavailableError", "InternalServerError", "InternalServerError", "error"),
}

# What ends the answer: the reason, or the last event, or what some client raises.
ENDED: dict[str, tuple[str | None, str | None, str | None, str]] = {
    "broken_arguments": ("tool_use", "tool_calls", "response.completed", "answered"),
    "duplicate_event": ("end_turn", "stop", "response.completed", "answered"),
    "empty_body": ("AssertionError", None, None, "answered"),
    "empty_data": ("end_turn", "JSONDecodeError", "JSONDecodeError", "answered"),
    "ends_early": (None, None, "response.content_part.added", "cut"),
    "error_midway": ("APIStatusError", "APIError", "error", "error"),
    "garbage": ("AssertionError", None, None, "answered"),
    "json_in_place_of_a_stream": ("AssertionError", None, None, "answered"),
    "many_tools_at_once": ("tool_use", "tool_calls", "response.completed", "answered"),
    "no_end": (None, None, "response.output_item.done", "answered"),
    "no_event_line": ("end_turn", "stop", "response.completed", "answered"),
    "no_usage": ("AttributeError", "stop", "response.completed", "answered"),
    "nothing_said": ("end_turn", "stop", "response.completed", "answered"),
    "null_body": ("AssertionError", None, None, "answered"),
    "out_of_tokens": ("max_tokens", "length", "response.incomplete", "answered"),
    "portal_page": ("AssertionError", None, None, "answered"),
    "refusal": ("refusal", "stop", "response.completed", "answered"),
    "swapped_events": ("end_turn", "stop", "response.completed", "answered"),
    "tool_nobody_offered": ("tool_use", "tool_calls", "response.completed", "answered"),
    "unknown_stop": ("something_new", "something_new", "response.failed", "answered"),
}
Ended = tuple[str | None, str]


@pytest.fixture(scope="module")
def box() -> Iterator[Remote]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def wires(box: Remote) -> Iterator[list[Callable[[], Ended]]]:
    timeout: Any = httpx2.Timeout(5, connect=2, read=0.3)
    with (
        anthropic.Anthropic(base_url=box.url, api_key="k", max_retries=0, timeout=timeout) as claude,
        openai.OpenAI(base_url=f"{box.url}/v1", api_key="k", max_retries=0, timeout=timeout) as gpt,
    ):
        yield [lambda: by_messages(claude), lambda: by_chat(gpt), lambda: by_responses(gpt)]


@pytest.fixture(scope="module")
def whole(wires: list[Callable[[], Ended]]) -> list[Ended]:
    return [ask() for ask in wires]


def by_messages(client: anthropic.Anthropic) -> Ended:
    turn: Any = [{"role": "user", "content": ASKED}]
    with client.messages.stream(model=CLAUDE, max_tokens=4096, messages=turn) as stream:
        message = stream.get_final_message()
    return message.stop_reason, "".join(block.text for block in message.content if block.type == "text")


def by_chat(client: openai.OpenAI) -> Ended:
    text, finish = "", None
    more: Any = {"stream_options": {"include_usage": True}, "messages": [{"role": "user", "content": ASKED}]}
    for chunk in client.chat.completions.create(model=GPT, stream=True, **more):
        for choice in chunk.choices or ():
            text, finish = text + (choice.delta.content or ""), choice.finish_reason or finish
    return finish, text


def by_responses(client: openai.OpenAI) -> Ended:
    text, last = "", None
    for event in client.responses.create(model=GPT, input=ASKED, stream=True):
        last = event.type
        text += event.delta if event.type == "response.output_text.delta" else ""
    return last, text


def fate(box: Remote, name: str, ask: Callable[[], Ended]) -> tuple[str | None, str | None, str]:
    box.forget_scenarios()
    more = {"stall_ms": 100} if name == "pings_only" else {}
    box.script(fault=name, **more)
    try:
        ended, text = ask()
    except Exception as error:  # noqa: BLE001 - whatever a client raises is what is looked at
        return type(error).__name__, None, box.last()["outcome"]
    return ended, text, box.last()["outcome"]


def test_every_fault_is_in_one_of_the_tables():
    tables = [BORNE, set(RAISED), set(ENDED)]
    assert set().union(*tables) == faults.NAMES
    assert sum(map(len, tables)) == len(faults.NAMES)


@pytest.mark.parametrize("name", sorted(BORNE))
def test_nobody_notices(box, wires, whole, name):
    assert [fate(box, name, ask) for ask in wires] == [(*ended, "answered") for ended in whole]


@pytest.mark.parametrize("name", RAISED)
def test_it_is_raised(box, wires, name):
    *kinds, outcome = RAISED[name]
    assert [fate(box, name, ask) for ask in wires] == [(kind, None, outcome) for kind in kinds]


@pytest.mark.parametrize("name", ENDED)
def test_it_ends_in_its_own_way(box, wires, name):
    *ends, outcome = ENDED[name]
    found = [fate(box, name, ask) for ask in wires]
    assert [one[0] for one in found] == ends
    assert {one[2] for one in found} == {outcome}


CODES = {
    "quota": ("invalid_request_error", "insufficient_quota"),
    "spend_limit": ("rate_limit_error", "billing_hard_limit_reached"),
    "rate_limit": ("rate_limit_error", "rate_limit_exceeded"),
    "context_length": ("invalid_request_error", "context_length_exceeded"),
    "bad_key": ("authentication_error", "invalid_api_key"),
    "no_such_model": ("not_found_error", "model_not_found"),
}


@pytest.mark.parametrize("name", CODES)
def test_the_error_says_what_the_provider_would_say(box, wires, name):
    type_, code = CODES[name]
    box.forget_scenarios()
    box.script(fault=name, times=3)
    with pytest.raises(anthropic.APIStatusError) as raised:
        wires[0]()
    assert (raised.value.type, bool(raised.value.api_message)) == (type_, True)
    for ask in wires[1:]:
        with pytest.raises(openai.APIStatusError) as refused:
            ask()
        assert (refused.value.code, bool(refused.value.message)) == (code, True)


def test_a_client_that_is_sent_elsewhere_asks_twice(box, wires):
    for ask in wires:
        box.forget_scenarios()
        before = box.count()
        box.script(fault="redirect")
        ask()
        assert box.count() == before + 2


def test_a_key_that_was_revoked_is_refused_by_both(box):
    turn: Any = [{"role": "user", "content": ASKED}]
    with (
        anthropic.Anthropic(base_url=box.url, api_key="sk-revoked-1", max_retries=0) as claude,
        pytest.raises(anthropic.AuthenticationError, match="invalid x-api-key"),
    ):
        claude.messages.create(model=CLAUDE, max_tokens=9, messages=turn)
    with (
        openai.OpenAI(base_url=f"{box.url}/v1", api_key="sk-revoked-1", max_retries=0) as gpt,
        pytest.raises(openai.AuthenticationError, match="Incorrect API key"),
    ):
        gpt.chat.completions.create(model=GPT, messages=turn)


def test_what_else_a_script_says_goes_before_its_fault(box, wires):
    box.forget_scenarios()
    box.script(fault="rate_limit", retry_after=99)
    with pytest.raises(openai.RateLimitError) as raised:
        wires[1]()
    assert raised.value.response.headers["retry-after"] == "99"
    with pytest.raises(ValueError, match="`fault` is one of"):
        box.script(fault="earthquake")
    with pytest.raises(ValueError, match="`quirks` is local"):
        box.script(quirks=["moody"])
