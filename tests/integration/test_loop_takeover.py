"""Whoever takes a conversation over goes on where it was: killed, overtaken, paused, given way."""

from __future__ import annotations

import signal

import pytest

from agents.loop import converse as loop
from agents.loop.models import TalkTurn
from nexus import engine
from tests.support.deliveries import delivered, pass_lease
from tests.support.gates import say
from tests.support.loops import ADDS, DONE, asked, begun, done, talk_begins, talked, uses
from tests.support.model_calls import an_execution, check_journals, taken_again
from tests.support.payments import payments
from tests.support.runs import work
from tests.support.stories import models_answered
from tests.support.work import tools
from tests.support.work.tools import CALLS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    CALLS.clear()
    with models_answered() as sandbox:
        yield sandbox


@pytest.mark.parametrize("crash", ["K11:1", "K19:1", "K12:1", "K18:1", "K19:2", "K8:2", "K11:2", "K19:3"])
def test_a_worker_that_is_killed_costs_no_second_request_and_no_second_effect(sandbox, crash):
    with payments(honours_keys=False) as bank:
        pays = uses(("try_pays", {"url": bank.url, "amount": 5}))
        sandbox.play(pays, {"text": "Paid. {{result}}"})
        run = begun()
        assert delivered(run, "one", crash=crash) == -signal.SIGKILL
        pass_lease(run, "one")
        if crash == "K12:1":
            say(asked(run))  # nobody knows whether it was paid: it was not
        assert done(run)["text"].startswith("Paid.")
        assert bank.charged() == 1
    assert sandbox.count() == 2
    check_journals(sandbox)


def test_a_turn_that_was_stored_by_somebody_who_was_overtaken_is_not_stored(sandbox):
    sandbox.play(ADDS, DONE)
    late = an_execution()
    talk_begins(late)
    now = taken_again(late)
    with pytest.raises(engine.LeaseLost):
        talked(late)
    assert TalkTurn.objects.count() == 1
    assert talked(now).text == "Done: 3"


def test_an_end_that_is_stored_is_given_again(sandbox):
    sandbox.play(ADDS, DONE)
    context = an_execution()
    first = talked(context)
    again = talked(taken_again(context))
    assert (again.text, again.cost_usd, again.replayed, first.replayed) == (first.text, first.cost_usd, True, False)
    assert sandbox.count() == 2


def test_a_pause_stops_it_between_two_turns_and_it_goes_on_there(sandbox, monkeypatch):
    sandbox.play(uses(("try_adds", {"a": 1}), ("try_adds", {"a": 2})), DONE)
    run = begun()

    def pauses(kind: str, *_: object) -> None:
        if kind == "adds" and not CALLS:
            engine.pause(run_id=run.pk)
        CALLS.append((kind, _))

    monkeypatch.setattr(tools, "CALLS", type("Calls", (), {"append": staticmethod(lambda one: pauses(*one))}))
    work(run)
    assert (len(CALLS), sandbox.count()) == (1, 1)
    engine.resume(run_id=run.pk)
    assert done(run)["text"] == "Done: 3"
    assert (len(CALLS), sandbox.count()) == (2, 2)


def test_a_cancelled_run_asks_no_more(sandbox):
    sandbox.play(uses(("try_sends", {"to": "ann"})), DONE)
    run = begun()
    asked(run)
    engine.cancel(run_id=run.pk)
    assert (work(run).state, sandbox.count(), CALLS) == ("cancelled", 1, [])


def test_a_long_conversation_gives_way_and_spends_no_attempt(sandbox, monkeypatch):
    monkeypatch.setattr(loop, "SHARE", 0.0)
    sandbox.play(ADDS, DONE)
    run = begun()
    assert done(run)["text"] == "Done: 3"
    attempts = engine.Attempt.objects.filter(task__run_id=run.pk).order_by("id")
    assert [one.outcome for one in attempts] == ["given_back", "given_back", "completed"]
    assert [one.number for one in attempts][-1] == 1
