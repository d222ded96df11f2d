"""Conversations: tools that are asked for, thoughts that go back, turns that pause; bought once, booked as reported."""

from __future__ import annotations

import pytest

from agents import calls
from agents.errors import ModelRefused
from agents.models import ModelCall
from agents.providers.messages import Text, Thinking, ToolOffer, ToolResult, Turn, said
from tests.support.model_calls import an_execution, check_journals, lines, requests, states, taken_again
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)

CLOCK = ToolOffer(
    name="read_clock",
    description="The time in a city.",
    schema={
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
QUESTION = said("Use read_clock: what time is it in Paris?")


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


def talk(context, *turns, step: int = 1, **given):
    return calls.call(context, role="intern", step=step, system="Be brief.", turns=turns, tools=(CLOCK,), **given)


def test_a_tool_is_asked_for_answered_and_told_of(sandbox):
    context = an_execution()
    first = talk(context, QUESTION)
    (use,) = first.tool_uses
    assert (use.name, use.malformed, first.stop_reason) == ("read_clock", "", "tool_use")
    results = Turn(speaker="user", blocks=(ToolResult(id=use.id, text="12:30"),))
    second = talk(context, QUESTION, Turn(speaker="assistant", blocks=first.blocks), results, step=2)
    assert "12:30" in second.text
    assert second.tool_uses == ()
    check_journals(sandbox)


def test_an_answer_with_tools_is_replayed_block_by_block(sandbox):
    context = an_execution()
    first = talk(context, QUESTION)
    again = talk(taken_again(context), QUESTION)
    assert (again.blocks, again.replayed, sandbox.count()) == (first.blocks, True, 1)


def test_an_answer_that_was_stored_by_an_earlier_version_is_replayed_as_words(sandbox):
    context = an_execution()
    bought = calls.call(context, role="intern", step=1, system="Be brief.", prompt="Hello")
    call = ModelCall.objects.get()
    ModelCall.objects.update(response={key: call.response[key] for key in call.response if key != "blocks"})
    again = calls.call(context, role="intern", step=1, system="Be brief.", prompt="Hello")
    assert (again.blocks, again.replayed) == ((Text(text=bought.text),), True)


def test_a_conversation_of_one_turn_of_words_is_the_same_question_as_its_prompt(sandbox):
    context = an_execution()
    calls.call(context, role="intern", step=1, system="Be brief.", prompt="Hello")
    assert calls.call(context, role="intern", step=1, system="Be brief.", turns=(said("Hello"),)).replayed
    assert sandbox.count() == 1


def test_another_tool_or_another_turn_is_another_question(sandbox):
    context = an_execution()
    talk(context, QUESTION)
    calls.call(context, role="intern", step=1, system="Be brief.", turns=(QUESTION,))
    assert sandbox.count() == 2


def test_thoughts_go_back_as_they_came(sandbox):
    """The sandbox, like the provider, seals what was thought; what is stored is what is sent."""
    sandbox.script(thinking=[{"text": "hmm"}], text="Well.")
    context = an_execution()
    first = talk(context, said("Think."))
    thought, answer = first.blocks
    assert isinstance(thought, Thinking)
    assert (thought.text, thought.maker, answer) == ("hmm", "anthropic", Text(text="Well."))
    assert thought.signature
    talk(context, said("Think."), Turn(speaker="assistant", blocks=first.blocks), said("Go on."), step=2)
    check_journals(sandbox)


def test_a_tools_input_that_is_cut_off_is_marked_and_booked(sandbox):
    sandbox.script(tool_calls=[{"name": "read_clock", "input": {"city": "Paris"}}], stop_reason="max_tokens")
    answer = talk(an_execution(), QUESTION)
    (use,) = answer.tool_uses
    assert use.malformed
    assert lines()[0].quality == "reported"
    check_journals(sandbox)


def test_a_model_that_declines_says_why(sandbox):
    sandbox.script(refuse=True)
    with pytest.raises(ModelRefused, match="general_harms"):
        talk(an_execution(), QUESTION)
    check_journals(sandbox)


def test_a_question_with_nul_can_be_stored_and_sent(sandbox):
    assert talk(an_execution(), said("a\x00b")).text
    check_journals(sandbox)


def test_more_is_reserved_where_a_cache_may_be_written():
    context = an_execution()
    talk(context, QUESTION)
    calls.call(context, role="intern", step=2, system="Be brief.", turns=(QUESTION,))
    with_tools, without = requests()
    assert states() == ["SETTLED"] * 2
    price = with_tools.price
    most = with_tools.max_input_tokens * price.cache_write_5m + with_tools.max_output_tokens * price.output
    assert with_tools.max_cost * 1_000_000 == most
    assert without.max_cost * 1_000_000 == (
        without.max_input_tokens * price.input + without.max_output_tokens * price.output
    )
