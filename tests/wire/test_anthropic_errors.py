"""Errors of a provider, made plain: a class that says what to do, and nothing that must not be seen."""

from __future__ import annotations

import pickle  # noqa: TID251  # what Celery does with an exception is what is tested

import anthropic
import httpx2
import pytest

from agents import errors
from agents.contracts import Fate, Trace
from agents.providers import anthropic_errors
from agents.providers.seen import Seen
from billing.prices import Usage

KEY = "sk-ant-a-very-secret-key"
PROMPT = "the secret prompt"
REQUEST = httpx2.Request("POST", "http://x/v1/messages", headers={"authorization": f"Bearer {KEY}"}, content=PROMPT)
BEGUN = Seen(http_status=200, begun=True)


def status(code: int, kind: str | None, message: str = "no", *, error_code: str | None = None, **headers: str):
    """An answer with an error status, as the SDK raises it."""
    body = {"type": "error", "error": {"type": kind, "message": message, "details": {"error_code": error_code}}}
    response = httpx2.Response(code, request=REQUEST, headers=headers, json=body if kind else None)
    client = anthropic.Anthropic(api_key=KEY, base_url="http://x", max_retries=0)
    return client._make_status_error_from_response(response)


def connection(cause: Exception) -> anthropic.APIConnectionError:
    error = anthropic.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


def plain(error: Exception, seen: Seen | None = None) -> errors.ProviderError:
    return anthropic_errors.plain(error, seen=seen or Seen(), secret=KEY, who="Anthropic")


@pytest.mark.parametrize(
    ("code", "kind", "becomes", "disposition", "fate"),
    [
        (400, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (401, "authentication_error", errors.KeyRefused, "give_back", Fate.REFUSED),
        (402, "billing_error", errors.SpendingRefused, "park", Fate.REFUSED),
        (403, "permission_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (404, "not_found_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (408, "timeout_error", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (409, "conflict_error", errors.ProviderUnavailable, "give_back", Fate.REFUSED),
        (413, "request_too_large", errors.RequestRefused, "refuse", Fate.REFUSED),
        (422, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (429, "rate_limit_error", errors.RateLimited, "give_back", Fate.REFUSED),
        (500, "api_error", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (502, None, errors.AnswerLost, "retry", Fate.UNKNOWN),
        (503, "api_error", errors.ProviderUnavailable, "give_back", Fate.REFUSED),
        (503, None, errors.AnswerLost, "retry", Fate.UNKNOWN),
        (504, "timeout_error", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (529, "overloaded_error", errors.ProviderOverloaded, "give_back", Fate.REFUSED),
        (307, None, errors.RequestRefused, "refuse", Fate.REFUSED),
    ],
)
def test_every_status_has_its_consequence(code, kind, becomes, disposition, fate):
    error = plain(status(code, kind))
    assert (type(error), error.disposition, error.trace.fate) == (becomes, disposition, fate)
    assert error.trace.http_status == code


def test_only_what_cost_nothing_is_given_back_unspent():
    for kind in errors.ProviderError.__subclasses__():
        costs = kind in {errors.AnswerLost, errors.StreamTruncated, errors.Overspent}
        assert (kind.disposition == "retry") == costs


@pytest.mark.parametrize(
    "error",
    [
        status(429, "rate_limit_error", error_code="enforced_spend_limit_reached"),
        status(400, "invalid_request_error", "Your credit balance is too low"),
        status(402, None),
    ],
)
def test_a_spending_limit_asks_for_a_person(error):
    assert plain(error).disposition == "park"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0", 0.0), ("4233600", 3600.0), ("-5", 0.0), ("nan", None), ("soon", None), ("", None)],
)
def test_retry_after_is_obeyed_within_reason(said, seconds):
    assert plain(status(429, "rate_limit_error", **{"retry-after": said})).retry_after == seconds


def test_retry_after_may_be_a_date():
    past = plain(status(429, "rate_limit_error", **{"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}))
    assert past.retry_after == 0


@pytest.mark.parametrize("cause", [httpx2.ConnectError("x"), httpx2.ConnectTimeout("x"), httpx2.PoolTimeout("x")])
def test_what_never_left_costs_nothing(cause):
    error = plain(connection(cause))
    assert (type(error), error.trace.fate) == (errors.ProviderUnavailable, Fate.NOT_SENT)


@pytest.mark.parametrize("cause", [httpx2.ReadTimeout("x"), httpx2.RemoteProtocolError("x"), httpx2.WriteError("x")])
@pytest.mark.parametrize("wrapped", [True, False])
def test_a_connection_that_broke_later_may_have_cost_something(cause, wrapped):
    error = plain(connection(cause) if wrapped else cause, BEGUN)
    assert (type(error), error.trace.fate) == (errors.AnswerLost, Fate.UNKNOWN)


def test_an_error_event_before_the_message_is_a_refusal_and_after_its_start_is_not():
    event = status(200, "overloaded_error")
    assert plain(event, Seen(http_status=200)).trace.fate is Fate.REFUSED
    assert isinstance(plain(event, Seen(http_status=200)), errors.ProviderOverloaded)
    assert plain(event, BEGUN).trace.fate is Fate.UNKNOWN


def test_what_the_sdk_itself_will_not_send_is_refused_and_never_left():
    assert plain(TypeError("temperature")).trace.fate is Fate.NOT_SENT
    assert plain(TypeError("temperature")).disposition == "refuse"


def test_nothing_secret_is_seen_stored_or_sent_on():
    error = plain(status(400, "invalid_request_error", f"bad key {KEY}"))
    assert KEY not in str(error)
    assert error.__cause__ is None
    travelled = pickle.dumps(error)
    assert KEY.encode() not in travelled
    assert PROMPT.encode() not in travelled


def test_it_survives_a_process_boundary_with_all_it_knows():
    trace = Trace(http_status=529, provider_request_id="req_1", usage=Usage(input_tokens=1, output_tokens=2))
    error = errors.ProviderOverloaded("busy", trace=trace, retry_after=7, more="x")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (type(again), str(again), again.trace, again.retry_after) == (type(error), "busy", trace, 7)
    assert again.facts == {"more": "x"}
