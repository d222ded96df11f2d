"""What goes wrong between us and a provider, on each wire we speak: on the way there, on the way back, by the clock."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone

from agents import calls, errors
from agents.errors import ProviderError
from agents.providers import transport
from tests.support.certificates import certified
from tests.support.model_calls import (
    an_execution,
    ask,
    check_journals,
    lines,
    rested,
    states,
    taken_again,
)
from tests.support.spending import check_books
from tests.support.websites import page, world
from tests.support.wires import WIRES, asked, clients_anew, every_wire

pytestmark = pytest.mark.django_db(transaction=True)
NOTHING_LEFT = [(errors.ProviderUnavailable, "give_back")] * len(WIRES)


@pytest.fixture(autouse=True)
def sandbox():
    with every_wire() as sandbox:
        yield sandbox


@pytest.fixture
def impatient(monkeypatch) -> Iterator[None]:
    """Whoever is asked has a moment."""
    monkeypatch.setattr(transport, "CONNECT_FOR", 0.3)
    monkeypatch.setattr(transport, "READ_FOR", 0.3)
    with clients_anew(monkeypatch):
        yield


@contextlib.contextmanager
def nobody_takes_it() -> Iterator[str]:
    """An address where nobody ever answers the call: whoever connects waits."""
    with contextlib.ExitStack() as held:
        listening = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def ends() -> list[tuple[type, str]]:
    """What becomes of a question on each wire, of which nothing can have left."""
    found = [asked(model) for model in WIRES]
    assert (states(), lines()) == (["UNBILLED"] * len(WIRES), [])
    check_books()
    return [(type(error), error.disposition) for error in found]


def test_who_does_not_take_the_call_is_no_line_at_all(sandbox, impatient):
    with nobody_takes_it() as url, override_settings(NEXUS_SANDBOX_URL=url):
        assert ends() == NOTHING_LEFT


@pytest.mark.parametrize("name", ["127.0.0.1", "somebody.else"])
def test_who_cannot_prove_who_they_are_is_told_nothing(sandbox, tmp_path: Path, name: str):
    with world() as web:
        web.tls, _ = certified(name, tmp_path)
        with override_settings(NEXUS_SANDBOX_URL=f"https://127.0.0.1:{web.port}"):
            assert ends() == NOTHING_LEFT
        assert web.asked == []


def test_who_speaks_no_tls_where_tls_is_meant_is_told_nothing(sandbox, impatient):
    with world() as web:
        web.pages = {}
        with override_settings(NEXUS_SANDBOX_URL=f"https://127.0.0.1:{web.port}"):
            assert ends() == NOTHING_LEFT
        assert web.asked == []


def test_what_the_provider_did_although_nobody_heard_of_it_is_booked_beside_the_second_try(sandbox, impatient):
    for model in WIRES:
        sandbox.script(stall_after_events=3, stall_ms=2_000)
        context = an_execution(input={"model": model})
        with pytest.raises(errors.AnswerLost):
            ask(context)
        rested()
        assert ask(taken_again(context)).text
    assert states() == ["UNKNOWN", "SETTLED"] * len(WIRES)
    assert [line.quality for line in lines()] == ["estimated", "reported"] * len(WIRES)
    assert sandbox.count() == 2 * len(WIRES)
    check_journals(sandbox)


@pytest.mark.parametrize("ahead", [timedelta(hours=-5), timedelta(0), timedelta(hours=5)])
def test_a_moment_that_a_provider_names_is_one_of_its_own_clock(sandbox, ahead: timedelta):
    theirs = timezone.now() + ahead
    told = {
        "date": format_datetime(theirs, usegmt=False),
        "retry-after": format_datetime(theirs + timedelta(seconds=9)),
    }
    for model in WIRES:
        sandbox.script(status=429, headers=told)
        error = asked(model)
        assert type(error) is errors.RateLimited
        assert error.retry_after == pytest.approx(9, abs=1)
    check_journals(sandbox)


def test_a_provider_that_is_overloaded_three_times_is_asked_once_each_time_and_then_answers(sandbox):
    for model in WIRES:
        sandbox.script(status=529, times=3)
        context = an_execution(input={"model": model})
        for _ in range(3):
            rested()
            with pytest.raises(ProviderError) as overloaded:
                ask(context)
            assert overloaded.value.disposition == "give_back"
        rested()
        assert ask(context).text
    assert states() == ["UNBILLED", "UNBILLED", "UNBILLED", "SETTLED"] * len(WIRES)
    assert sum(line.amount > 0 for line in lines()) == len(WIRES)
    check_journals(sandbox)


def test_a_reason_to_stop_that_nobody_knows_is_an_answer_where_the_provider_says_it_is_one(sandbox):
    """The Responses API knows no such word: an answer that it does not call completed is one that broke off."""
    for model in WIRES:
        sandbox.script(stop_reason="something_new")
        answer = asked(model)
        assert type(answer) is errors.AnswerLost if model.startswith("openai/") else answer.text
    assert sandbox.count() == len(WIRES)
    check_journals(sandbox)


def test_a_turn_that_pauses_is_gone_on_with_as_it_stands_and_each_request_is_paid(sandbox):
    sandbox.script(text="First half, ", stop_reason="pause_turn")
    sandbox.script(text="second half.", match={"contains": "First half, "})
    answer = asked(WIRES[0])
    assert answer.text == "First half, second half."
    assert sandbox.count() == 2
    assert answer.cost_usd == sum(line.amount for line in lines())
    assert states() == ["SETTLED"] * 2
    check_journals(sandbox)


def test_a_turn_that_never_stops_pausing_ends(sandbox):
    sandbox.script(text="Wait. ", stop_reason="pause_turn", times=None)
    answer = asked(WIRES[0])
    assert answer.text == "Wait. " * (1 + calls.asking.PAUSES)
    assert states() == ["SETTLED"] * (1 + calls.asking.PAUSES)
    check_journals(sandbox)


def test_a_captive_portal_that_answers_in_place_of_a_provider_is_an_answer_lost(sandbox):
    with world() as web:
        portal = page(b"<html>Sign in</html>", content_type="text/html")
        web.pages = dict.fromkeys(("/v1/messages", "/v1/responses", "/v1/chat/completions"), portal)
        with override_settings(NEXUS_SANDBOX_URL=f"http://127.0.0.1:{web.port}"):
            for model in WIRES:
                assert type(asked(model)) is errors.StreamTruncated
    assert {line.quality for line in lines()} == {"estimated"}
