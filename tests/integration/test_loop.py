"""The loop of an agent: turn by turn to its end, from where the last worker left it."""

from __future__ import annotations

import signal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from agents.loop import converse as loop
from agents.loop import doing
from agents.loop.models import Talk, TalkTurn
from agents.models import Role, ToolRule
from agents.providers.messages import said
from nexus import engine
from tests.support.deliveries import delivered, pass_lease
from tests.support.gates import say
from tests.support.model_calls import an_execution, check_journals, taken_again
from tests.support.payments import payments
from tests.support.runs import claimed, spec, submitted, task, work
from tests.support.stories import models_answered
from tests.support.work import tools
from tests.support.work.tools import CALLS

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = "Work it out, please."
TOOLS = ["try_*"]


@pytest.fixture(autouse=True)
def sandbox():
    CALLS.clear()
    with models_answered() as sandbox:
        yield sandbox


def uses(*calls: tuple[str, dict[str, Any]], text: str = "") -> dict[str, Any]:
    """A turn in which the model asks for tools."""
    asked = {"tool_calls": [{"name": name, "input": given} for name, given in calls]}
    return {"text": text} | asked if text else asked


ADDS = uses(("try_adds", {"a": 2}))
DONE = {"text": "Done: {{result}}"}


def begun(*, tools: list[str] = TOOLS, **input: Any) -> engine.Run:
    return submitted(spec("one", "test.converses", input={"prompt": PROMPT, "tools": tools, **input}))


def done(run: engine.Run) -> dict[str, Any]:
    ended = task(work(run), "one")
    assert ended.state == "completed", (ended.state, ended.error, ended.wait)
    return dict(ended.output)


def told(run: engine.Run, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in engine.events.of(run.pk) if event.kind == kind]


def asked(run: engine.Run) -> engine.Approval:
    return engine.approvals.waiting().get(run=work(run))


def talked(context: engine.Context, **given: Any) -> Any:
    return loop.converse(context, **({"role": "intern", "system": "", "prompt": PROMPT, "tools": TOOLS} | given))


# --- To its end -----------------------------------------------------------------------------------


def test_goes_on_turn_by_turn_until_the_model_has_answered(sandbox):
    sandbox.play(uses(("try_adds", {"a": 2}), ("try_adds", {"a": 40, "b": 2}), text="I add."), ADDS, DONE)
    run = begun()
    output = done(run)
    assert output["text"] == "Done: 3"
    assert CALLS == [("adds", 3), ("adds", 42), ("adds", 3)], "in the order of the answer"
    turns = told(run, "agent.turn")
    assert [turn["asks_for"] for turn in turns] == [["try_adds", "try_adds"], ["try_adds"], []]
    assert [turn["turn"] for turn in turns] == [1, 2, 3]
    assert output["tokens"] == sum(turn["input_tokens"] for turn in turns)
    assert sandbox.count() == 3
    check_journals(sandbox)


def test_without_tools_it_is_one_question(sandbox):
    answer = talked(an_execution(), tools=())
    assert (answer.tool_uses, answer.replayed, sandbox.count()) == ((), False, 1)


def test_a_conversation_may_begin_with_turns(sandbox):
    sandbox.play(ADDS, DONE, match={"contains": PROMPT})
    turns = (said("Hello"), said("What is it?", "assistant"), said(PROMPT))
    assert talked(an_execution(), prompt=None, turns=turns).text == "Done: 3"
    with pytest.raises(TypeError, match="a prompt, or with turns"):
        talked(an_execution(), prompt=None)


def test_what_may_not_be_used_is_not_offered_and_told_when_it_is_asked_for(sandbox):
    ToolRule.objects.create(tool="try_adds", verdict="deny")
    sandbox.play(uses(("try_quotes", {"text": "hi"})), DONE)
    run = begun()
    done(run)
    offered = {offer["name"] for offer in Talk.objects.get().offers}
    assert "try_quotes" in offered
    assert not offered & {"try_adds", "read_file"}


def test_a_tool_that_is_denied_in_the_middle_is_told_to_the_model(sandbox):
    sandbox.play(ADDS, DONE)
    context = an_execution()
    talk_begins(context)
    ToolRule.objects.create(tool="try_adds", verdict="deny")
    assert "may not be used" in talked(context).text
    assert CALLS == []
    run = engine.runs.get(pk=context.run_id)
    assert [refusal["tool"] for refusal in told(run, "tool.refused")] == ["try_adds"]


def talk_begins(context: engine.Context) -> None:
    """Its first turn is said, and nothing done yet."""

    class Died(BaseException):
        pass

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Died):
        patch.setattr(doing.tools, "use", lambda *_, **__: (_ for _ in ()).throw(Died()))
        talked(context)


def test_a_conversation_keeps_the_tools_that_it_began_with(sandbox):
    sandbox.play(ADDS, DONE)
    context = an_execution()
    talk_begins(context)
    Role.objects.filter(name="intern").update(tools=["web_fetch"])
    assert talked(taken_again(context), tools=("web_fetch",)).text == "Done: 3"
    assert sandbox.count() == 2
    check_journals(sandbox)


def test_a_role_is_given_tools_from_the_terminal():
    call_command("tools", "give", "intern", "try_adds", stdout=StringIO())
    assert Role.objects.get(name="intern").tools == ["try_adds"]
    with pytest.raises(CommandError, match="no role"):
        call_command("tools", "give", "nobody")


# --- Stop reasons ---------------------------------------------------------------------------------


def test_words_that_were_cut_off_are_gone_on_with(sandbox):
    sandbox.play(
        ADDS, {"text": "One, ", "stop_reason": "max_tokens"}, {"text": "two, ", "stop_reason": "max_tokens"},
        {"text": "three."}, match={"contains": PROMPT},
    )  # fmt: skip
    output = done(begun())
    assert (output["text"], output["stop_reason"]) == ("One, two, three.", "end_turn")


def test_words_that_are_cut_off_again_and_again_are_left_so(sandbox):
    sandbox.play(*[{"text": f"{n} ", "stop_reason": "max_tokens"} for n in range(4)], match={"contains": PROMPT})
    output = done(begun())
    assert (output["text"], output["stop_reason"], sandbox.count()) == ("0 1 2 ", "max_tokens", 3)


def test_a_use_that_was_cut_off_is_not_done_and_said_to_be(sandbox):
    sandbox.play(ADDS | {"stop_reason": "max_tokens"}, DONE)
    run = begun()
    assert "cut off at your limit" in done(run)["text"]
    assert CALLS == []


def test_a_refusal_ends_the_task_as_one(sandbox):
    sandbox.play(ADDS, {"refuse": True})
    ended = task(work(begun()), "one")
    assert (ended.state, ended.error["code"]) == ("failed", "model_refused")


# --- People ---------------------------------------------------------------------------------------


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
    context = an_execution_of(run)
    Talk.objects.filter(task_id=0).update(task_id=context.task_id)
    TalkTurn.objects.filter(number=3).delete()
    with pytest.raises(engine.PeopleAsked, match=r"worked for 2000 s"):
        talked(context)


def an_execution_of(run: engine.Run) -> engine.Context:
    return engine.Context(claim=claimed(run, "one"))


def test_what_people_say_to_an_agent_that_goes_too_far_is_told_to_it_once(sandbox):
    sandbox.play(*[uses(("try_adds", {"a": n})) for n in range(2)], {"text": "Stopped."}, match={"contains": PROMPT})
    run = begun(limits={"turns": 1})
    say(asked(run), "respond", reason="Only two more")
    say(asked(run))
    assert done(run)["text"] == "Stopped."
    words = [turn.blocks for turn in TalkTurn.objects.exclude(about="")]
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


# --- Whoever takes over ---------------------------------------------------------------------------


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
