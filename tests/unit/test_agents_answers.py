"""Answers: what a handler gets, and what it is spared."""

from __future__ import annotations

import pytest

from agents import answers, asking
from agents.errors import AnswerInvalid, ModelRefused
from agents.providers.messages import Text, ToolUse

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def read(text: str, schema=SCHEMA, stop_reason: str = "end_turn"):
    return answers.read((Text(text=text),), stop_reason=stop_reason, schema=schema)


def test_text_is_text_where_no_schema_was_given():
    assert read("Hello", schema=None) is None


def test_data_is_parsed_where_one_was():
    assert read(' {"n": 3}\n') == {"n": 3}


@pytest.mark.parametrize(
    "wrong", ["", "  \n", "Sure! {}", '{"n": "three"}', "{}", '{"n": 1, "m": 2}', "3", '{"n": NaN}', "[" * 100_000]
)
def test_what_does_not_fit_is_said_to_be_invalid(wrong):
    with pytest.raises(AnswerInvalid):
        read(wrong)


def test_an_answer_that_was_cut_says_so():
    with pytest.raises(AnswerInvalid, match="be shorter"):
        read('{"n": 1', stop_reason="max_tokens")


def test_an_empty_answer_is_invalid_without_a_schema_too():
    with pytest.raises(AnswerInvalid, match="empty"):
        read(" ", schema=None)


def test_a_model_that_declines_is_not_asked_again():
    with pytest.raises(ModelRefused):
        read("", stop_reason="refusal")


def question(**changes):
    given = {"role": "ceo", "step": 1, "system": "s", "prompt": "p", "schema": None, "max_tokens": None}
    return asking.question(**{**given, **changes})


def test_the_same_question_is_the_same_and_another_is_another():
    assert question().input_hash == question().input_hash == question(step=2).input_hash
    others = [question(role="intern"), question(system="t"), question(prompt="q"), question(schema=SCHEMA)]
    assert len({other.input_hash for other in [question(), question(max_tokens=9), *others]}) == 6


def test_a_repair_shows_what_was_wrong_and_is_a_question_of_its_own():
    repaired = asking.repaired(question(), wrong="Sure!", reason="the answer was not JSON")
    assert "the answer was not JSON" in repaired.prompt
    assert "Sure!" in repaired.prompt
    assert repaired.input_hash != question().input_hash


def test_a_tool_is_asked_for_first_only_where_there_is_one():
    wants = (ToolUse(id="t1", name="rm", input={"path": "/"}),)
    assert answers.read(wants, stop_reason="tool_use", schema=SCHEMA, with_tools=True) is None
    with pytest.raises(AnswerInvalid, match="asked for a tool"):
        answers.read(wants, stop_reason="tool_use", schema=SCHEMA)
