"""A worker that dies in the middle of a model call, and the one that comes after it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from agents import calls, insistence
from agents.models import ModelCall, ModelRequest
from billing.models import Hold, Price
from nexus.errors import LeaseLost
from tests.support.model_calls import an_execution, ask, check_journals, lines, requests, states, taken_again
from tests.support.spending import check_books
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


class Died(BaseException):
    """What kill -9 looks like from inside: nothing after it runs."""


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def dies_at(monkeypatch, point: str) -> None:
    """Let the worker die where `point` begins. What would tidy up after it does not run either."""

    def die(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(calls if point.startswith("_") else calls.requests, point, die)
        dying.setattr(calls.requests, "close", die)
        context = an_execution()
        with pytest.raises(Died):
            ask(context)
    dies_at.context = context  # type: ignore[attr-defined]


def test_an_intent_of_a_dead_worker_is_let_go_and_asked_anew(monkeypatch, sandbox):
    dies_at(monkeypatch, "_let_go")
    assert (states(), sandbox.count()) == (["INTENT"], 0)
    assert Hold.objects.filter(open=True).exists()
    answer = ask(taken_again(dies_at.context))
    assert (answer.replayed, states(), len(lines())) == (False, ["UNBILLED", "SETTLED"], 1)
    check_journals(sandbox)


def test_a_request_that_was_out_when_its_worker_died_is_booked_at_its_worst_case(monkeypatch, sandbox):
    dies_at(monkeypatch, "settle")
    assert (states(), sandbox.count(), lines()) == (["SENT"], 1, [])
    answer = ask(taken_again(dies_at.context))
    assert (answer.replayed, states(), sandbox.count()) == (False, ["UNKNOWN", "SETTLED"], 2)
    abandoned, settled = lines()
    assert (abandoned.quality, abandoned.amount) == ("estimated", requests()[0].max_cost)
    assert (settled.quality, settled.amount) == ("reported", answer.cost_usd)
    check_journals(sandbox)


def test_a_request_that_was_marked_as_sent_and_never_left_costs_nothing_where_the_provider_can_say_so(
    monkeypatch, sandbox
):
    dies_at(monkeypatch, "_send")
    assert (states(), sandbox.count()) == (["SENT"], 0)
    ask(taken_again(dies_at.context))
    assert (states(), sandbox.count(), len(lines())) == (["UNBILLED", "SETTLED"], 1, 1)
    check_journals(sandbox)


def test_a_request_of_another_question_of_the_task_is_closed_too(monkeypatch, sandbox):
    dies_at(monkeypatch, "settle")
    ask(taken_again(dies_at.context), prompt="something else entirely")
    assert states() == ["UNKNOWN", "SETTLED"]
    check_journals(sandbox)


def test_nobody_closes_what_a_later_execution_has_out(monkeypatch):
    late = an_execution()
    later = taken_again(late)
    seen: list[list[str]] = []

    def speak(_: str) -> None:
        with pytest.raises(LeaseLost):
            ask(late)
        seen.append(states())

    monkeypatch.setattr(later, "delta", speak)
    ask(later)
    assert set(map(tuple, seen)) == {("SENT",)}
    assert states() == ["SETTLED"]


def test_a_zombies_answer_is_booked_for_what_it_cost_and_kept(monkeypatch, sandbox):
    """It slept while its request was out; the task was taken and the request booked by estimate; then it wakes."""
    zombie = an_execution()
    sandbox.script(text="What the zombie was told")
    taken: list[calls.Answer] = []

    def wake_late(_: str) -> None:
        if not taken:
            taken.append(ask(taken_again(zombie)))

    monkeypatch.setattr(zombie, "delta", wake_late)
    late = ask(zombie)
    assert late.text == "What the zombie was told" != taken[0].text
    assert states() == ["SETTLED", "SETTLED"]
    by_kind = [(line.kind, line.quality) for line in lines()]
    assert by_kind == [("CHARGE", "estimated"), ("CHARGE", "reported"), ("ADJUST", "reported")]
    assert sum(line.amount for line in lines()) == late.cost_usd + taken[0].cost_usd
    assert ModelCall.objects.get().response["text"] == taken[0].text
    check_journals(sandbox)


def test_being_told_to_stop_in_the_middle_of_an_answer_books_what_was_heard(monkeypatch, sandbox):
    from agents.providers.anthropic import Anthropic

    def told(self, request, on_text):
        on_text("Some words that had come")
        raise SystemExit

    monkeypatch.setattr(Anthropic, "stream", told)
    with pytest.raises(SystemExit):
        ask(an_execution())
    (line,) = lines()
    assert (states(), line.quality, line.output_tokens) == (["UNKNOWN"], "estimated", 8)
    check_books()


def test_what_nobody_comes_back_to_is_closed_by_upkeep(monkeypatch, sandbox):
    dies_at(monkeypatch, "settle")
    assert calls.close_abandoned() == 0, "it may still be out"
    assert calls.close_abandoned(older_than=timedelta(0)) == 1
    assert calls.close_abandoned(older_than=timedelta(0)) == 0
    assert states() == ["UNKNOWN"]
    check_journals(sandbox)


def test_what_nobody_comes_back_to_is_no_business_of_other_calls(monkeypatch, sandbox):
    dies_at(monkeypatch, "settle")
    ask(an_execution())
    ModelRequest.objects.filter(state="SENT").update(created_at="2026-01-01T00:00Z")
    ask(an_execution())
    assert states() == ["SENT", "SETTLED", "SETTLED"]
    assert calls.close_abandoned() == 1
    check_journals(sandbox)


def test_an_answer_is_stored_although_postgres_went_away_when_it_came(monkeypatch, sandbox):
    """The connection is cut by the server at the very moment; a fresh one takes the answer."""
    monkeypatch.setattr(insistence, "PAUSES", (0.0, 0.0))
    context = an_execution()
    cut: list[int] = []
    real = calls.charging.of_answer

    def cut_then_bill(*given):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            cut.append(cursor.fetchone()[0])
            with pytest.raises(OperationalError):
                cursor.execute("SELECT pg_terminate_backend(%s)", cut)
        return real(*given)

    monkeypatch.setattr(calls.charging, "of_answer", cut_then_bill)
    assert ask(context).text
    assert (len(cut), states()) == (1, ["SETTLED"])
    check_journals(sandbox)


def test_settling_twice_is_settling_once(monkeypatch, sandbox):
    """A COMMIT whose answer was lost: it happened, and is done again."""
    real = calls.requests.settle

    def twice(*given, **named):
        real(*given, **named)
        return real(*given, **named)

    monkeypatch.setattr(calls.requests, "settle", twice)
    ask(an_execution())
    assert (states(), len(lines())) == (["SETTLED"], 1)
    check_journals(sandbox)


def test_an_answer_is_booked_although_its_price_was_taken_out_of_the_book_meanwhile(monkeypatch, sandbox):
    ask(an_execution())
    dearest = requests()[0].price
    cheap = Price.objects.create(
        **{f.attname: getattr(dearest, f.attname) for f in Price._meta.concrete_fields if f.attname != "id"}
        | {"min_prompt_tokens": 1, "input": 0, "output": 0, "cache_write_5m": 0, "cache_write_1h": 0, "cache_read": 0}
    )
    real = calls.charging.of_answer

    def gone(*given):
        Price.objects.filter(pk=cheap.pk).delete()
        return real(*given)

    monkeypatch.setattr(calls.charging, "of_answer", gone)
    answer = ask(an_execution())
    assert (lines()[1].price_id, lines()[1].amount) == (dearest.pk, answer.cost_usd)
    assert answer.cost_usd > 0
    check_journals(sandbox)


def test_the_database_refuses_a_request_that_says_it_left_without_saying_when():
    ask(an_execution())
    with pytest.raises(Exception, match="a_request_that_left_says_when"):
        ModelRequest.objects.update(sent_at=None)
