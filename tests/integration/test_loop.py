"""The loop of an agent: turn by turn to its end."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agents.loop.models import Talk
from agents.models import Role, ToolRule
from agents.providers.messages import said
from nexus import engine
from tests.support.loops import ADDS, DONE, PROMPT, begun, done, talk_begins, talked, told, uses
from tests.support.model_calls import an_execution, check_journals, taken_again
from tests.support.runs import task, work
from tests.support.stories import models_answered
from tests.support.work.tools import CALLS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox():
    CALLS.clear()
    with models_answered() as sandbox:
        yield sandbox


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
