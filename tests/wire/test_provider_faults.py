"""Every way a provider can fail, on a real socket, for each wire we speak: the class, the money, what happens next.

Each row is asked of all three wires. Whatever happens, the provider has received one request, and one is booked.
"""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import override_settings

from agents import errors
from agents.errors import ProviderError
from agents.providers import anthropic, openai, transport
from tests.support.model_calls import check_journals, lines, requests, states
from tests.support.wires import WIRES, asked, every_wire

pytestmark = pytest.mark.django_db(transaction=True)

DATE = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.fixture(autouse=True)
def sandbox():
    with every_wire() as sandbox:
        yield sandbox


def each(sandbox, script: dict[str, Any], **given: Any) -> list[Any]:
    """What becomes of the same fault on each wire. Exactly one request arrives for each: nobody retries in secret."""
    found = []
    for number, model in enumerate(WIRES):
        sandbox.script(**script)
        found.append(asked(model, **given))
        assert sandbox.count() == number + 1, model
    check_journals(sandbox)
    return found


@pytest.mark.parametrize(
    ("script", "becomes", "then", "wait"),
    [
        ({"status": 429, "retry_after": 0}, errors.RateLimited, "give_back", 0),
        ({"status": 429, "retry_after": 7}, errors.RateLimited, "give_back", 7),
        ({"status": 429, "retry_after": 100_000}, errors.RateLimited, "give_back", 3600),
        ({"status": 429, "retry_after": DATE}, errors.RateLimited, "give_back", 0),
        ({"status": 429}, errors.RateLimited, "give_back", None),
        ({"status": 529}, errors.ProviderOverloaded, "give_back", None),
        ({"status": 401}, errors.KeyRefused, "give_back", 300),
        ({"status": 402}, errors.SpendingRefused, "park", None),
        ({"status": 409}, errors.ProviderUnavailable, "give_back", None),
        ({"status": 400}, errors.RequestRefused, "refuse", None),
        ({"status": 403}, errors.RequestRefused, "refuse", None),
        ({"status": 404}, errors.RequestRefused, "refuse", None),
        ({"status": 413}, errors.RequestRefused, "refuse", None),
    ],
)
def test_what_is_refused_costs_nothing(sandbox, script, becomes, then, wait):
    for error in each(sandbox, script):
        assert (type(error), error.disposition) == (becomes, then)
        assert (error.__cause__, error.__context__) == (None, None)
        assert wait is None or error.retry_after == pytest.approx(wait, abs=1)
    assert states() == ["UNBILLED"] * 3
    assert {(line.amount, line.quality) for line in lines()} == {(0, "reported")}


@pytest.mark.parametrize(
    ("script", "becomes"),
    [
        ({"status": 500}, errors.AnswerLost),
        ({"status": 502, "body": "bad gateway"}, errors.AnswerLost),
        ({"status": 503, "body": "busy", "content_type": "text/plain"}, errors.AnswerLost),
        ({"before_headers": "close"}, errors.AnswerLost),
        ({"before_headers": "reset"}, errors.AnswerLost),
        ({"close_after_events": 5}, errors.AnswerLost),
        ({"reset_after_events": 5}, errors.AnswerLost),
        ({"error_after_events": 5}, errors.AnswerLost),
        ({"end_after_events": 5}, errors.StreamTruncated),
        ({"malformed": "truncated_json", "malformed_after_events": 4}, errors.StreamTruncated),
        ({"malformed": "invalid_utf8", "malformed_after_events": 4}, errors.StreamTruncated),
        ({"body": "<html>gateway</html>", "content_type": "text/html"}, errors.StreamTruncated),
    ],
)
def test_what_is_lost_is_booked_by_estimate_and_spends_an_attempt(sandbox, script, becomes):
    for error in each(sandbox, script):
        assert (type(error), error.disposition) == (becomes, "retry"), error
    assert states() == ["UNKNOWN"] * 3
    for line, request in zip(lines(), requests(), strict=True):
        assert line.quality == "estimated"
        assert 0 < line.amount <= request.max_cost


@pytest.mark.parametrize("script", [{"before_headers": "stall"}, {"stall_after_events": 5}])
def test_silence_ends(sandbox, monkeypatch, script):
    monkeypatch.setattr(transport, "READ_FOR", 0.3)
    for module in (anthropic, openai):
        monkeypatch.setattr(module, "_clients", transport.PerProcess())
    for error in each(sandbox, script | {"stall_ms": 5_000}):
        assert type(error) is errors.AnswerLost, error
    assert {line.quality for line in lines()} == {"estimated"}


@pytest.mark.parametrize(
    ("script", "quality"),
    [
        ({}, "reported"),
        ({"gzip": True}, "reported"),
        ({"malformed": "giant_line"}, "reported"),
        ({"malformed": "unknown_event"}, "reported"),
        ({"malformed": "crlf"}, "reported"),
        ({"malformed": "comments"}, "reported"),
        ({"stop_reason": "max_tokens"}, "reported"),
        ({"latency_ms": 300}, "reported"),
        ({"usage": "missing"}, "estimated"),
        ({"usage": "absurd"}, "estimated"),
        ({"text": "\u4f60\u597d \U0001f389"}, "reported"),
    ],
)
def test_what_is_odd_is_an_answer_all_the_same(sandbox, script, quality):
    for answer in each(sandbox, script):
        assert not isinstance(answer, ProviderError), answer
        assert answer.text
    assert states() == ["SETTLED"] * 3
    assert {line.quality for line in lines()} == {quality}
    assert all(0 < line.amount <= request.max_cost for line, request in zip(lines(), requests(), strict=True))


@pytest.mark.parametrize(
    ("calls", "malformed"),
    [
        ([{"name": "nobody_offered_this", "input": {"x": 1}}], [""]),
        ([{"name": "a", "input": {}}, {"name": "b", "input": {"y": [1]}}], ["", ""]),
        ([{"name": "a", "raw": '{"x": '}], ['{"x": ']),
        ([{"name": "a", "raw": "[1]"}], ["[1]"]),
    ],
)
def test_tools_are_taken_as_they_come_and_what_is_no_input_is_marked(sandbox, calls, malformed):
    for answer in each(sandbox, {"tool_calls": calls}):
        assert [use.name for use in answer.tool_uses] == [call["name"] for call in calls]
        assert [use.malformed for use in answer.tool_uses] == malformed
        assert answer.stop_reason == "tool_use"
    assert {line.quality for line in lines()} == {"reported"}


def test_an_answer_without_content_is_paid_and_asked_for_again(sandbox):
    for model in WIRES:
        sandbox.script(content=[], match={"model": model.rpartition("/")[2]})
        answer = asked(model)
        assert answer.text
        assert answer.cost_usd == sum(line.amount for line in lines()[-2:])
    assert states() == ["SETTLED"] * 6
    check_journals(sandbox)


def test_a_refusal_is_paid_and_final(sandbox):
    for model in WIRES:
        sandbox.script(refuse=True)
        with pytest.raises(errors.ModelRefused):
            asked(model)
    assert states() == ["SETTLED"] * 3
    check_journals(sandbox)


def test_an_error_before_anything_was_said_costs_nothing(sandbox):
    for model in WIRES:
        sandbox.script(error_after_events=0, error={"type": "overloaded_error", "code": "server_is_overloaded"})
        assert type(asked(model)) is errors.ProviderOverloaded, model
    assert {(line.amount, line.quality) for line in lines()} == {(0, "reported")}
    check_journals(sandbox)


def test_who_is_not_there_is_no_line_at_all():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with override_settings(NEXUS_SANDBOX_URL=url):
            for model in WIRES:
                error = asked(model)
                assert (type(error), error.disposition) == (errors.ProviderUnavailable, "give_back")
    assert (states(), lines()) == (["UNBILLED"] * 3, [])
