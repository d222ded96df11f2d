"""What models must answer: schemas that providers accept, values that the rest can trust."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from workorders import contracts
from workorders.errors import PlanInvalid


def a_draft(**changes: object) -> dict[str, object]:
    return {"key": "one", "title": "One", "focus": "Say one", **changes}


def an_answer(*sections: dict[str, object]) -> dict[str, object]:
    return {"summary": "How", "sections": list(sections), "acceptance": ["Done", "Done", " "]}


@pytest.mark.parametrize(
    "schema", [contracts.TRIAGE, contracts.PLAN, contracts.REVIEW], ids=["triage", "plan", "review"]
)
def test_a_schema_is_valid_and_closed(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) - set(schema["required"]) <= {"checks"}


def test_a_good_answer_becomes_a_plan():
    answer = an_answer(a_draft(), a_draft(key=" Roll Back ", after=["One"]))

    Draft202012Validator(contracts.PLAN).validate(answer)
    plan = contracts.plan_from(answer)

    assert [section.key for section in plan.sections] == ["one", "roll back"]
    assert plan.sections[1].after == ("one",)
    assert plan.acceptance == ("Done",)


@pytest.mark.parametrize(
    ("sections", "pointer"),
    [
        ([a_draft()], "/sections"),
        ([a_draft(key=f"s{n}") for n in range(7)], "/sections"),
        ([a_draft(), a_draft(key=" \u200b\n")], "/sections/1/key"),
        ([a_draft(), a_draft(key="two", title=" \x1b\u202e ")], "/sections/1/title"),
    ],
)
def test_what_no_graph_can_be_drawn_from_is_refused_with_a_pointer(sections, pointer):
    with pytest.raises(PlanInvalid) as refusal:
        contracts.plan_from(an_answer(*sections))
    assert refusal.value.facts["pointer"] == pointer


def test_what_a_machine_can_decide_becomes_checks():
    asked = [
        ({"kind": "must_contain", "value": "rollback"}, {"kind": "required", "text": "rollback"}),
        ({"kind": "must_not_contain", "value": "TBD"}, {"kind": "forbidden", "text": "TBD"}),
        ({"kind": "must_match", "value": "^# "}, {"kind": "regex", "pattern": "^# ", "flags": "m"}),
        ({"kind": "at_least_words", "value": " 50 "}, {"kind": "length", "at_least": 50, "unit": "words"}),
        ({"kind": "at_most_words", "value": "900"}, {"kind": "length", "at_most": 900, "unit": "words"}),
        ({"kind": "json_path", "value": "a.b"}, {"kind": "json", "required_paths": ["a.b"]}),
        ({"kind": "python_parses", "value": ""}, {"kind": "parses"}),
    ]
    of_a_section = [{"kind": "python_runs", "value": ""}]
    answer = an_answer(a_draft(checks=of_a_section), a_draft(key="two")) | {"checks": [one for one, _ in asked]}

    Draft202012Validator(contracts.PLAN).validate(answer)

    assert contracts.plan_from(answer).checks == (*(check for _, check in asked), {"kind": "runs", "of": "One"})


@pytest.mark.parametrize(
    ("check", "of"),
    [({"kind": "must_match", "value": "("}, ""), ({"kind": "at_least_words", "value": "many"}, "/sections/1")],
)
def test_a_check_that_nobody_can_decide_is_returned_to_the_planner(check, of):
    answer = an_answer(a_draft(), a_draft(key="two", **({"checks": [check]} if of else {})))
    with pytest.raises(PlanInvalid) as refusal:
        contracts.plan_from(answer if of else answer | {"checks": [check]})
    assert refusal.value.facts["pointer"] == f"{of}/checks/0/value"


def test_a_triage_answer_becomes_values():
    answer = {
        "intent": "debug",
        "difficulty": "normal",
        "brief": " Find\nit. ",
        "relevant_files": ["a.py", "a.py"],
        "qa_requirements": "- Reproduce it\n\n- Prove that it is gone",
        "clarification_question": None,
    }

    Draft202012Validator(contracts.TRIAGE).validate(answer)
    triage = contracts.triage_from(answer)

    assert triage.brief == "Find it."
    assert triage.relevant_files == ("a.py",)
    assert triage.qa_requirements == ("Reproduce it", "Prove that it is gone")
    assert triage.clarification_question == ""


def test_a_title_reaches_a_terminal_as_plain_text():
    assert contracts.plain("Red \x1b[31malert\u202e\r\n now\u200b", 120) == "Red [31malert now"
    assert contracts.plain("x" * 500, 120) == "x" * 120
