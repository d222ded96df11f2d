"""A model call that goes wrong, on a real socket: what is booked, what is held, what the engine is told."""

from __future__ import annotations

import socket
from decimal import Decimal

import pytest
from django.test import override_settings

from agents import errors
from agents.errors import AnswerInvalid, ModelRefused, ModelResting, ProviderError
from agents.models import ModelCall, Role
from agents.providers import anthropic, transport
from billing import budgets
from billing.conf import call_limit
from billing.errors import BudgetExceeded, CallTooDear
from billing.models import Budget, Price
from tests.support.model_calls import SCHEMA, an_execution, ask, check_journals, lines, requests, rested, states
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def failing(context, **given) -> ProviderError:
    """Ask, and be refused."""
    with pytest.raises(ProviderError) as failed:
        ask(context, **given)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    return failed.value


@pytest.mark.parametrize(
    ("script", "becomes", "retry_after"),
    [
        ({"status": 429, "retry_after": 7}, errors.RateLimited, 7.0),
        ({"status": 529}, errors.ProviderOverloaded, None),
        ({"status": 503}, errors.ProviderUnavailable, None),
        ({"status": 401}, errors.KeyRefused, 300.0),
        ({"status": 402}, errors.SpendingRefused, None),
        ({"status": 400}, errors.RequestRefused, None),
        ({"status": 404}, errors.RequestRefused, None),
    ],
)
def test_what_the_provider_refuses_is_a_line_of_nothing_and_holds_nothing(sandbox, script, becomes, retry_after):
    context = an_execution()
    sandbox.script(**script)
    failed = failing(context)
    assert type(failed) is becomes
    assert str(failed).startswith(f"the sandbox answered {script['status']}")
    assert failed.retry_after == retry_after or (retry_after is None and 0 < (failed.retry_after or 1) <= 1)
    assert states() == ["UNBILLED"]
    assert [(line.amount, line.quality, line.output_tokens) for line in lines()] == [(0, "reported", 0)]
    assert requests()[0].http_status == script["status"]
    check_journals(sandbox)
    rested()
    assert ask(context).text, "it is asked again, and answered"
    check_journals(sandbox)


@pytest.mark.parametrize(
    ("script", "becomes"),
    [
        ({"status": 500}, errors.AnswerLost),
        ({"status": 504}, errors.AnswerLost),
        ({"before_headers": "close"}, errors.AnswerLost),
        ({"before_headers": "reset"}, errors.AnswerLost),
        ({"close_after_bytes": 0}, errors.AnswerLost),
        ({"close_after_events": 6}, errors.AnswerLost),
        ({"reset_after_events": 6}, errors.AnswerLost),
        ({"error_after_events": 6}, errors.AnswerLost),
        ({"end_after_events": 6}, errors.StreamTruncated),
        ({"end_after_bytes": 0}, errors.StreamTruncated),
        ({"malformed": "truncated_json"}, errors.StreamTruncated),
        ({"malformed": "invalid_utf8"}, errors.StreamTruncated),
        ({"body": "<html>gateway</html>", "content_type": "text/html"}, errors.StreamTruncated),
    ],
)
def test_what_was_lost_on_the_way_is_booked_by_estimate_and_spends_an_attempt(sandbox, script, becomes):
    context = an_execution()
    sandbox.script(**script)
    failed = failing(context)
    assert (type(failed), failed.disposition) == (becomes, "retry")
    assert states() == ["UNKNOWN"]
    (line,) = lines()
    assert line.quality == "estimated"
    assert 0 < line.amount <= requests()[0].max_cost
    assert requests()[0].error["code"] == failed.code
    check_journals(sandbox)
    assert ask(context).replayed is False, "it is bought anew"
    check_journals(sandbox)


def test_the_more_was_received_the_more_is_booked(sandbox):
    amounts = []
    for events in (4, 40):
        context = an_execution()
        sandbox.script(close_after_events=events)
        failing(context)
        amounts.append(lines()[-1].amount)
    assert amounts[0] < amounts[1]


def test_an_error_event_before_the_message_has_begun_costs_nothing(sandbox):
    context = an_execution()
    sandbox.script(error_after_events=0, error={"type": "overloaded_error", "message": "Overloaded"})
    assert isinstance(failing(context), errors.ProviderOverloaded)
    assert (states(), lines()[0].amount) == (["UNBILLED"], 0)


def test_a_provider_that_is_not_there_is_no_line_at_all():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        context = an_execution()
        with override_settings(NEXUS_SANDBOX_URL=url):
            failed = failing(context)
    assert isinstance(failed, errors.ProviderUnavailable)
    assert (failed.disposition, states(), lines()) == ("give_back", ["UNBILLED"], [])
    assert 0 < failed.retry_after <= 1
    assert not Budget.objects.exclude(reserved=0).exists()


def test_pauses_grow_while_the_provider_stays_away():
    context = an_execution()
    with override_settings(NEXUS_SANDBOX_URL="http://127.0.0.1:1"):
        pauses = [failing(context).retry_after for _ in range(5)]
        with pytest.raises(ModelResting, match="left alone"):
            ask(context)
    assert [request.number for request in requests()] == [1, 2, 3, 4, 5]
    assert max(pauses) <= 32
    assert min(pauses) >= 0.25


def test_silence_ends_and_so_does_a_trickle(sandbox, monkeypatch):
    monkeypatch.setattr(transport, "READ_FOR", 0.2)
    monkeypatch.setattr(anthropic, "_clients", transport.PerProcess())
    sandbox.script(stall_after_events=5, stall_ms=5_000)
    assert isinstance(failing(an_execution()), errors.AnswerLost)
    monkeypatch.setattr(transport, "READ_FOR", 60)
    client = transport.BoundedClient(base_url=sandbox.url, total_for=0.2)
    monkeypatch.setattr(anthropic, "BoundedClient", lambda **_: client)
    monkeypatch.setattr(anthropic, "_clients", transport.PerProcess())
    sandbox.set(chunk_ms=50)
    assert isinstance(failing(an_execution()), errors.AnswerLost)
    assert states() == ["UNKNOWN", "UNKNOWN"]


@pytest.mark.parametrize(
    ("usage", "quality"),
    [
        ("zero", "reported"),
        ("missing", "estimated"),
        ("absurd", "estimated"),
        ({"input_tokens": -5, "output_tokens": 3}, "estimated"),
        ({"input_tokens": 11, "output_tokens": 3}, "reported"),
    ],
)
def test_usage_is_believed_where_it_can_be_true(sandbox, usage, quality):
    sandbox.script(usage=usage)
    answer = ask(an_execution())
    (line,) = lines()
    assert (states(), line.quality) == (["SETTLED"], quality)
    if usage == "zero":
        assert (line.amount, line.input_tokens, line.output_tokens) == (0, 0, 0), "an explicit zero is not a gap"
    elif quality == "estimated":
        assert 0 < line.amount <= requests()[0].max_cost
    else:
        assert (answer.input_tokens, answer.output_tokens) == (11, 3)
    check_journals(sandbox)


@pytest.mark.parametrize("text", ["", "Certainly! Here you go", '{"verdict": 3, "score": "x"}', '{"verdict": "a'])
def test_a_bad_answer_is_repaired_twice_at_most_and_every_one_is_paid_once(sandbox, text):
    context = an_execution()
    sandbox.script(times=2, text=text)
    answer = ask(context, schema=SCHEMA)
    assert set(answer.data) == {"verdict", "score"}
    assert (sandbox.count(), len(lines())) == (3, 3)
    assert answer.cost_usd == sum(line.amount for line in lines())
    sandbox.script(times=3, text=text)
    for bought in (6, 6):
        with pytest.raises(AnswerInvalid):
            ask(context, schema=SCHEMA, step=2)
        assert (sandbox.count(), len(lines())) == (bought, bought), "a bad answer is stored, and not bought again"
    check_journals(sandbox)


def test_an_answer_that_postgres_cannot_hold_as_it_is_does_not_lose_its_charge(sandbox):
    sandbox.script(text="a\x00b")
    assert ask(an_execution()).text == "a\ufffdb"
    check_journals(sandbox)


def test_megabytes_of_answer_are_stored(sandbox):
    Role.objects.update(max_output_tokens=125_000)
    sandbox.script(text=("word" + " " * 96) * 20_000)
    assert len(ask(an_execution()).text) == 2_000_000
    check_journals(sandbox)


def test_a_model_that_declines_is_paid_and_not_asked_again(sandbox):
    context = an_execution()
    sandbox.script(refuse=True)
    for _ in range(2):
        with pytest.raises(ModelRefused):
            ask(context)
    assert (sandbox.count(), states()) == (1, ["SETTLED"])
    check_journals(sandbox)


def test_a_prompt_that_no_wire_can_carry_is_made_to(sandbox):
    assert ask(an_execution(), prompt="half a pair \ud83d and a \x00").text
    assert ModelCall.objects.count() == 1
    check_journals(sandbox)


def test_estimates_stop_at_the_budget_as_answers_do(sandbox):
    context = an_execution()
    budgets.set_limit(kind="order", key="WO-TEST", limit=Decimal("0.006"))
    sandbox.script(times=None, close_after_events=9)
    with pytest.raises(BudgetExceeded):  # how many it takes is the provider's business
        for _ in range(200):
            rested()
            with pytest.raises(ProviderError):
                ask(context)
    one = Budget.objects.get(kind="order")
    assert 0 < one.spent <= one.limit
    assert one.reserved == 0
    check_journals(sandbox)


def test_a_call_that_no_call_should_cost_waits_for_a_person(sandbox):
    context = an_execution()
    Price.objects.filter(model="claude-haiku-5-5*").update(output=Decimal(500_000))
    with pytest.raises(CallTooDear, match=r"claude-haiku-5-5 of anthropic may cost \$4000\.") as refused:
        ask(context)
    assert refused.value.disposition == "park"
    assert (sandbox.count(), states(), Budget.objects.filter(reserved__gt=0).count()) == (0, [], 0)
    with override_settings(NEXUS_CALL_LIMIT_USD="5000"):
        assert ask(context).text
    check_journals(sandbox)


@pytest.mark.parametrize("said", ["much", "-1", "0", "NaN", "inf"])
def test_a_limit_of_calls_is_an_amount_or_nothing(said):
    with override_settings(NEXUS_CALL_LIMIT_USD=""):
        assert call_limit() is None
    with override_settings(NEXUS_CALL_LIMIT_USD=said), pytest.raises(ValueError, match="no amount of dollars"):
        call_limit()
