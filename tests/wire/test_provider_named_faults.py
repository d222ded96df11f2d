"""Every fault of the sandbox, with every provider: its class, its money, what is done next, how often it is asked.

A fault or a provider that comes without its row is seen: see the first test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from agents import errors, providers
from agents.errors import ModelRefused, ProviderError
from agents.providers import transport
from apps.sandbox import faults
from tests.support.model_calls import an_execution, ask, check_journals, lines, requests, rested
from tests.support.wires import WIRES, clients_anew, every_wire

pytestmark = pytest.mark.django_db(transaction=True)
PROVIDERS = ("anthropic", "openai", "local")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What becomes of one question."""

    kind: type[Exception] | None = None
    """None: an answer, whose words are whole."""
    then: Literal["give_back", "retry", "refuse", "park", "go on"] = "go on"
    booked: Literal["free", "guessed", "told", "told as free"] = "told"
    wait: float | None = None
    """Seconds that the provider asks to be left alone; None: it does not say."""
    asked: int = 1


def lost(kind: type[Exception] = errors.AnswerLost, **more: Any) -> Row:
    """It may have been billed: an estimate, and an attempt is spent."""
    return Row(kind=kind, then="retry", booked="guessed", **more)


def free(kind: type[Exception], then: Any = "give_back", **more: Any) -> Row:
    """It has cost nothing, and the ledger says so."""
    return Row(kind=kind, then=then, booked="free", **more)


ANSWERED, GUESSED, LOST, CUT = Row(), Row(booked="guessed"), lost(), lost(errors.StreamTruncated)
ASKED_AGAIN = Row(asked=2)
"""For a tool, where there is none: that is no answer, and the model is told so. Both requests are paid."""
REFUSED, UNPAID = free(errors.RequestRefused, "refuse"), free(errors.SpendingRefused, "park")
ROWS: dict[str, Row | tuple[Row, Row, Row]] = {
    "silence": LOST,
    "closed": LOST,
    "reset": LOST,
    "slow_first_byte": LOST,
    "redirect": REFUSED,
    "gateway_page": LOST,
    "portal_page": CUT,
    "garbage": CUT,
    "empty_body": CUT,
    "null_body": CUT,
    "error_without_a_body": LOST,
    "error_of_nobody": LOST,
    "stall_at_once": LOST,
    "stall_midway": LOST,
    "cut_at_once": LOST,
    "cut_midway": LOST,
    "cut_in_an_event": LOST,
    "reset_midway": LOST,
    "ends_early": CUT,
    "no_end": CUT,
    "pings_only": LOST,
    "error_midway": LOST,
    "truncated_json": CUT,
    "invalid_utf8": CUT,
    "empty_data": (ANSWERED, CUT, CUT),
    "swapped_events": ANSWERED,
    "duplicate_event": ANSWERED,
    "no_event_line": ANSWERED,
    "unknown_event": ANSWERED,
    "giant_line": ANSWERED,
    "comments": ANSWERED,
    "crlf": ANSWERED,
    "byte_by_byte": ANSWERED,
    "compressed": ANSWERED,
    "not_compressed_as_said": LOST,
    "json_in_place_of_a_stream": CUT,
    "stream_in_place_of_json": ANSWERED,
    "clock_skew": ANSWERED,
    "no_limits": ANSWERED,
    "no_usage": GUESSED,
    "zero_usage": Row(booked="told as free"),
    "absurd_usage": GUESSED,
    "nothing_said": Row(asked=2),
    "unknown_stop": (ANSWERED, LOST, ANSWERED),
    "refusal": Row(kind=ModelRefused, then="refuse"),
    "out_of_tokens": ANSWERED,
    "tool_nobody_offered": ASKED_AGAIN,
    "broken_arguments": ASKED_AGAIN,
    "many_tools_at_once": ASKED_AGAIN,
    "bad_key": free(errors.KeyRefused, wait=300),
    "forbidden": REFUSED,
    "timeout": LOST,
    "conflict": free(errors.ProviderUnavailable),
    "too_large": REFUSED,
    "rate_limit": free(errors.RateLimited, wait=7),
    "rate_limit_now": free(errors.RateLimited, wait=0),
    "rate_limit_for_days": free(errors.RateLimited, wait=3600),
    "rate_limit_until_a_date": free(errors.RateLimited, wait=0),
    "rate_limit_of_unknown_length": free(errors.RateLimited),
    "server_error": LOST,
    "unavailable": (
        free(errors.ProviderUnavailable, wait=2),
        free(errors.ProviderOverloaded, wait=2),
        free(errors.ProviderOverloaded, wait=2),
    ),
    "gateway_timeout": LOST,
    "overloaded": free(errors.ProviderOverloaded),
    "billing": UNPAID,
    "quota": UNPAID,
    "spend_limit": UNPAID,
    "context_length": REFUSED,
    "no_such_model": REFUSED,
    "like_a_local_server": (ANSWERED, GUESSED, GUESSED),
}
"""Of a fault that differs, a row for each provider."""
SILENT = {"silence", "slow_first_byte", "stall_at_once", "stall_midway"}


@pytest.fixture(autouse=True)
def sandbox():
    with every_wire() as sandbox:
        yield sandbox


@pytest.fixture
def patience(monkeypatch, name: str) -> Iterator[None]:
    """Who is silent has a moment; everybody else has as long as ever."""
    if name not in SILENT:
        yield
        return
    monkeypatch.setattr(transport, "READ_FOR", 0.2)
    with clients_anew(monkeypatch):
        yield


def rows(name: str) -> tuple[Row, Row, Row]:
    """One for each provider."""
    row = ROWS[name]
    return (row, row, row) if isinstance(row, Row) else row


def became(model: str) -> Any:
    """The answer, or the error in its place."""
    rested()
    try:
        return ask(an_execution(input={"model": model}))
    except (ProviderError, ModelRefused) as error:
        return error


def booked() -> str:
    """What the ledger says of the last request."""
    line, request = lines()[-1], requests()[-1]
    assert line.request_id == request.pk
    assert 0 <= line.amount <= request.max_cost
    if request.state == "UNBILLED":
        assert (line.amount, line.quality) == (0, "reported")
        return "free"
    if line.amount == 0:
        return "told as free" if line.quality == "reported" else "guessed as free"
    return "told" if line.quality == "reported" else "guessed"


def test_no_fault_and_no_provider_is_without_its_row():
    assert set(ROWS) == faults.NAMES
    assert len(PROVIDERS) == len(WIRES) == len(providers.WIRES)
    assert all(len(rows(name)) == len(PROVIDERS) for name in ROWS)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.usefixtures("patience")
def test_what_becomes_of_a_fault(sandbox, name: str):
    found, asked = [], 0
    for provider, model, row in zip(PROVIDERS, WIRES, rows(name), strict=True):
        sandbox.script(fault=name, **({"stall_ms": 100} if name == "pings_only" else {}))
        outcome = became(model)
        assert requests()[-1].provider == provider
        is_answer = not isinstance(outcome, Exception)
        found.append(
            Row(
                kind=None if is_answer else type(outcome),
                then="go on" if is_answer else outcome.disposition,
                booked=booked(),  # type: ignore[arg-type]
                wait=None if row.wait is None else outcome.retry_after,
                asked=sandbox.count() - asked,
            )
        )
        asked = sandbox.count()
        if is_answer:
            assert outcome.text
        else:
            assert (outcome.__cause__, outcome.__context__) == (None, None), "an SDK's error carries the key"
            assert outcome.disposition != "give_back" or outcome.retry_after is not None
    check_journals(sandbox)
    assert found == list(rows(name))
