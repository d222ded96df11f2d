"""An agent that stops for people: for a tool, at its limits, in circles."""

from __future__ import annotations

import pytest
from django.test import override_settings

from agents.loop.models import Talk, TalkTurn
from agents.models import Role
from nexus import engine
from tests.support.gates import say
from tests.support.loops import ADDS, DONE, PROMPT, asked, begun, done, talked, told, uses
from tests.support.model_calls import check_journals
from tests.support.runs import claimed, task, work
from tests.support.stories import models_answered
from tests.support.work.tools import CALLS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    CALLS.clear()
    with models_answered() as sandbox:
        yield sandbox


def test_a_tool_that_is_asked_about_parks_and_goes_on_where_it_was(sandbox):
    sandbox.play(uses(("try_adds", {"a": 1}), ("try_sends", {"to": "ann"}), ("try_adds", {"a": 5})), DONE)
    run = begun()
    question = asked(run)
    assert (question.content["tool"], CALLS) == ("try_sends", [("adds", 2)])
    say(question)
    assert done(run)["text"] == "Done: 6"
    assert CALLS == [("adds", 2), ("sends", "ann"), ("adds", 6)]
    assert sandbox.count() == 2
    check_journals(sandbox)


@pytest.mark.parametrize("decision", ["reject", "respond"])
def test_what_people_say_instead_is_told_to_the_model(sandbox, decision):
    sandbox.play(uses(("try_sends", {"to": "ann"})), DONE)
    run = begun()
    say(asked(run), decision, reason="Ann is on holiday")
    assert "Ann is on holiday" in done(run)["text"]
    assert CALLS == []


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"turns": 2}, "taken 2 turns"), ({"tokens": 10}, "tokens"), ({"cost_usd": "0.000001"}, "spent $0.")],
)
def test_an_agent_that_goes_too_far_asks_and_is_given_as_much_again(sandbox, limits, words):
    sandbox.play(*[uses(("try_adds", {"a": n})) for n in range(3)], DONE)
    run = begun(limits=limits)
    question = asked(run)
    assert words in question.message
    assert (question.content["role"], task(run, "one").state) == ("intern", "waiting_approval")
    before = sandbox.count()
    say(question)
    work(run)
    assert sandbox.count() > before
    while (question := engine.approvals.waiting().filter(run=work(run)).first()) is not None:
        say(question)
    assert done(run)["text"] == "Done: 3"


def test_time_at_work_is_counted_and_waiting_is_not(sandbox):
    sandbox.play(ADDS, DONE)
    run = begun(limits={"seconds": 1000})
    assert done(run)["text"] == "Done: 3"
    TalkTurn.objects.filter(number=1).update(seconds=2_000)
    Talk.objects.update(task_id=0)
    run = begun(limits={"seconds": 1000})
    context = engine.Context(claim=claimed(run, "one"))
    Talk.objects.filter(task_id=0).update(task_id=context.task_id)
    TalkTurn.objects.filter(number=3).delete()
    with pytest.raises(engine.PeopleAsked, match=r"worked for 2000 s"):
        talked(context)


def test_what_people_say_to_an_agent_that_goes_too_far_is_told_to_it_once(sandbox):
    sandbox.play(*[uses(("try_adds", {"a": n})) for n in range(2)], {"text": "Stopped."}, match={"contains": PROMPT})
    run = begun(limits={"turns": 1})
    say(asked(run), "respond", reason="Only two more")
    say(asked(run))
    assert done(run)["text"] == "Stopped."
    words = [turn.blocks for turn in TalkTurn.objects.exclude(about="") if turn.blocks]
    assert len(words) == 1
    assert "Only two more" in words[0][0]["text"]


def test_an_agent_that_may_not_go_on_ends_its_order(sandbox):
    sandbox.play(ADDS, ADDS, ADDS)
    run = begun(limits={"turns": 1})
    say(asked(run), "reject", reason="enough")
    assert work(run).state == "cancelled"


def test_limits_are_the_installations_then_the_roles_then_the_tasks(sandbox):
    sandbox.play(*[uses(("try_adds", {"a": n})) for n in range(4)], DONE)
    Role.objects.filter(name="intern").update(limits={"turns": 2})
    with override_settings(NEXUS_AGENT_LIMITS={"turns": 1, "cost_usd": 0}):
        assert "taken 2 turns" in asked(begun()).message
    with override_settings(NEXUS_AGENT_LIMITS={"turn": 1}):
        assert "no limit of turn" in task(work(begun()), "one").error["message"]


def test_the_same_call_again_and_again_is_told_to_the_model_and_then_to_people(sandbox):
    sandbox.play(*[ADDS] * 5, {"text": "Out of it."}, match={"contains": PROMPT})
    run = begun()
    question = asked(run)
    assert "5th time" in question.message
    assert len(CALLS) == 3
    assert "this very call 3 times" in told(run, "tool.refused")[0]["text"]
    say(question, "respond", reason="The sum is 3")
    assert done(run)["text"] == "Out of it."
    assert len(CALLS) == 3


def test_people_may_let_it_do_the_same_again(sandbox):
    sandbox.play(*[ADDS] * 5, DONE)
    run = begun()
    say(asked(run))
    assert done(run)["text"] == "Done: 3"
    assert len(CALLS) == 4
