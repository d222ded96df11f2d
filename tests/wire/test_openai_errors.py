"""Errors in OpenAI's formats, made plain: the same classes, the same care for money, nothing that must not be seen."""

from __future__ import annotations

import pickle  # noqa: TID251  # what Celery does with an exception is what is tested

import httpx2
import openai
import pytest

from agents import errors
from agents.contracts import Fate
from agents.providers import openai_errors
from agents.providers.openai_errors import ErrorEvent
from agents.providers.seen import Seen

KEY = "sk-proj-a-very-secret-key"
PROMPT = "the secret prompt"
REQUEST = httpx2.Request("POST", "http://x/v1/responses", headers={"authorization": f"Bearer {KEY}"}, content=PROMPT)
BEGUN = Seen(http_status=200, begun=True)


def status(code: int, kind: str | None, message: str = "no", *, sub: str | None = None, **headers: str):
    """An answer with an error status, as the SDK raises it."""
    body = {"error": {"type": kind, "message": message, "code": sub, "param": None}}
    response = httpx2.Response(code, request=REQUEST, headers=headers, json=body if kind else None)
    client = openai.OpenAI(api_key=KEY, base_url="http://x", max_retries=0)
    return client._make_status_error_from_response(response)


def connection(cause: Exception) -> openai.APIConnectionError:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


def event(code: str | None, kind: str | None = None, message: str = "oh") -> openai.APIError:
    return openai.APIError(message, REQUEST, body={"code": code, "type": kind, "message": message})


def plain(error: Exception, seen: Seen | None = None) -> errors.ProviderError:
    return openai_errors.plain(error, seen=seen or Seen(), secret=KEY, who="OpenAI", variable="OPENAI_API_KEY")


@pytest.mark.parametrize(
    ("code", "kind", "becomes", "disposition", "fate"),
    [
        (400, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (401, "invalid_request_error", errors.KeyRefused, "give_back", Fate.REFUSED),
        (402, "anything", errors.SpendingRefused, "park", Fate.REFUSED),
        (403, "permission_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (404, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (408, "timeout", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (409, "conflict", errors.ProviderUnavailable, "give_back", Fate.REFUSED),
        (413, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (422, "invalid_request_error", errors.RequestRefused, "refuse", Fate.REFUSED),
        (429, "tokens", errors.RateLimited, "give_back", Fate.REFUSED),
        (500, "server_error", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (502, None, errors.AnswerLost, "retry", Fate.UNKNOWN),
        (503, "unavailable_error", errors.ProviderUnavailable, "give_back", Fate.REFUSED),
        (503, None, errors.AnswerLost, "retry", Fate.UNKNOWN),
        (504, "timeout", errors.AnswerLost, "retry", Fate.UNKNOWN),
        (529, "overloaded_error", errors.ProviderOverloaded, "give_back", Fate.REFUSED),
    ],
)
def test_every_status_has_its_consequence(code, kind, becomes, disposition, fate):
    error = plain(status(code, kind))
    assert (type(error), error.disposition, error.trace.fate) == (becomes, disposition, fate)
    assert error.trace.http_status == code
    assert str(error).startswith(f"OpenAI answered {code}")


@pytest.mark.parametrize(
    "error",
    [
        status(429, "insufficient_quota", "You exceeded your current quota", sub="insufficient_quota"),
        status(403, "billing_not_active"),
        status(400, "invalid_request_error", "Your credit balance is too low"),
        event("insufficient_quota"),
    ],
)
def test_a_spending_limit_asks_for_a_person(error):
    assert plain(error).disposition == "park"


def test_a_key_that_is_refused_says_where_to_mend_it_and_waits():
    error = plain(status(401, "invalid_request_error", sub="invalid_api_key"))
    assert str(error).endswith("mend OPENAI_API_KEY")
    assert error.retry_after == 300


def test_retry_after_is_obeyed():
    assert plain(status(429, "requests", **{"retry-after": "7"})).retry_after == 7.0


@pytest.mark.parametrize(
    ("error", "becomes", "fate"),
    [
        (event("rate_limit_exceeded"), errors.RateLimited, Fate.REFUSED),
        (ErrorEvent(code="rate_limit_exceeded", message="slow"), errors.RateLimited, Fate.REFUSED),
        (event("server_is_overloaded"), errors.ProviderOverloaded, Fate.REFUSED),
        (event("invalid_prompt"), errors.RequestRefused, Fate.REFUSED),
        (event(None, "invalid_request_error"), errors.RequestRefused, Fate.REFUSED),
        (event(None, "server_error"), errors.AnswerLost, Fate.UNKNOWN),
        (ErrorEvent(code="server_error", message=""), errors.AnswerLost, Fate.UNKNOWN),
    ],
)
def test_an_error_in_a_stream_is_what_it_says_until_something_was_said(error, becomes, fate):
    before, after = plain(error, Seen(http_status=200)), plain(error, BEGUN)
    assert (type(before), before.trace.fate) == (becomes, fate)
    assert (type(after), after.trace.fate) == (errors.AnswerLost, Fate.UNKNOWN)
    assert "broke its answer off" in str(before)


@pytest.mark.parametrize("cause", [httpx2.ConnectError("x"), httpx2.ConnectTimeout("x"), httpx2.PoolTimeout("x")])
def test_what_never_left_costs_nothing(cause):
    error = plain(connection(cause))
    assert (type(error), error.trace.fate) == (errors.ProviderUnavailable, Fate.NOT_SENT)


@pytest.mark.parametrize("cause", [httpx2.ReadTimeout("x"), httpx2.RemoteProtocolError("x"), None])
def test_a_connection_that_broke_later_may_have_cost_something(cause):
    error = plain(connection(cause) if cause else openai.APITimeoutError(REQUEST), BEGUN)
    assert (type(error), error.trace.fate) == (errors.AnswerLost, Fate.UNKNOWN)


def test_what_cannot_be_read_is_truncated_and_what_is_not_sent_is_refused():
    assert isinstance(plain(ValueError("no json"), BEGUN), errors.StreamTruncated)
    assert plain(TypeError("no such argument")).trace.fate is Fate.NOT_SENT


def test_nothing_secret_is_seen_stored_or_sent_on():
    error = plain(status(400, "invalid_request_error", f"bad key {KEY}"))
    assert KEY not in str(error)
    travelled = pickle.dumps(error)
    assert KEY.encode() not in travelled
    assert PROMPT.encode() not in travelled
    assert type(pickle.loads(travelled)) is errors.RequestRefused  # noqa: S301  # our own bytes
