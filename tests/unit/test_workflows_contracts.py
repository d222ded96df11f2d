"""Contracts, routes, places in prompts, what is kept of an answer: pure functions."""

from __future__ import annotations

import pytest

from apps.workflows import contract, graph, knowledge, merging, paths, slots
from apps.workflows.contract import Broken
from apps.workflows.errors import DefinitionInvalid, KnowledgeMissing, WorkflowInvalid

SCORED = {"candidates": {"first": {"score": 0.29}, "second": {"score": 0.5}}, "n": 2, "list": ["a", "b"]}
OPEN = {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "string"}}}


def rule(name, path, **more):
    return {"rule": name, "path": path, "of": None, "value": None, "among": None, **more}


@pytest.mark.parametrize(
    ("one", "at"),
    [
        (rule("counts", "n", of="list"), None),
        (rule("counts", "n", of="candidates"), "$.n"),
        (rule("some_at_least", "candidates.*.score", value=0.5), None),
        (rule("some_at_least", "candidates.*.score", value=0.51), "$.candidates.*.score"),
        (rule("two_decimals", "candidates.*.score"), None),
        (rule("known", "list.*", among="services"), "$.list[1]"),
    ],
)
def test_a_rule_says_where_it_is_broken(one, at):
    schema = {"type": "object"}
    broken = contract.first_break(schema, [one], SCORED, known={"services": ["a"]})
    assert (broken and broken.path) == at


def test_three_decimals_are_too_many():
    broken = contract.first_break({}, [rule("two_decimals", "score")], {"score": 0.125}, known={})
    assert broken == Broken(path="$.score", reason="0.125 has more than two decimals")


def test_the_contract_of_the_moment_fixes_what_is_echoed_and_where_it_may_lead():
    schema = {
        "anyOf": [
            {"type": "object", "properties": {"session_id": {"type": "string"}, "nextStep": {"type": "string"}}},
            {"type": "object", "properties": {"nextStep": {"const": "end"}, "key": {"type": "string"}}},
        ]
    }
    asked = contract.of_moment(
        schema, [rule("known", "key", among="services")], fixed={"session_id": "s"}, steps=["a", "end"],
        known={"services": {"x"}},
    )  # fmt: skip
    first, second = asked["anyOf"]
    assert first["properties"] == {
        "session_id": {"type": "string", "const": "s"}, "nextStep": {"type": "string", "enum": ["a", "end"]},
    }  # fmt: skip
    assert second["properties"] == {"nextStep": {"const": "end"}, "key": {"type": "string", "enum": ["x"]}}
    assert schema["anyOf"][0]["properties"]["session_id"] == {"type": "string"}


@pytest.mark.parametrize(
    "schema",
    [
        {}, {"type": "object"}, {**OPEN, "patternProperties": {}}, {"type": "string", "pattern": "a"},
        {"properties": {}},
        {"$ref": "https://x.example/"}, {"$ref": "#/nowhere"}, {"$ref": "#"}, {"type": "nothing"},
        {**OPEN, "properties": {"a": {}}},
    ],
)  # fmt: skip
def test_a_contract_that_nothing_could_be_held_to_is_refused(schema):
    with pytest.raises(DefinitionInvalid):
        contract.check(schema)


def a_workflow(*steps):
    return {"stages": [{"stage": name, "routes": routes} for name, routes in steps]}


def to(name, **when):
    return {"to": name, "when": {"path": next(iter(when)), "equals": when[next(iter(when))]} if when else None}


STAGES = {name: {"tools": []} for name in ("a", "b", "c")}


def test_stages_without_routes_lead_to_the_next_and_the_last_to_the_end():
    routes = graph.routes_of(a_workflow(("a", []), ("b", [])))
    assert {name: graph.allowed(routes, name) for name in routes} == {"a": ["b"], "b": ["session_end"]}


@pytest.mark.parametrize(
    ("workflow", "fact"),
    [
        (a_workflow(("a", [to("b")]), ("b", [to("a")])), "cycle"),
        (a_workflow(("a", [to("a")])), "cycle"),
        (a_workflow(("a", []), ("a", [])), "repeated_stages"),
        (a_workflow(("a", []), ("x", [])), "missing_stages"),
        (a_workflow(("a", [to("c")])), "missing_stages"),
    ],
)
def test_a_graph_that_cannot_be_walked_is_refused(workflow, fact):
    with pytest.raises(WorkflowInvalid) as refused:
        graph.check(workflow, stages=STAGES, tools=[])
    assert refused.value.facts[fact]


@pytest.mark.parametrize(
    ("answer", "leads"),
    [
        ({"yes": True, "nextStep": "b"}, "b"),
        ({"yes": True}, "b"),
        ({"yes": True, "nextStep": "c"}, None),
        ({"yes": 1, "nextStep": "c"}, "c"),
        ({"nextStep": "session_end"}, "session_end"),
        ({}, "c"),
        ({"nextStep": "a"}, None),
    ],
)
def test_an_answer_leads_where_its_fields_decide_and_its_next_step_agrees(answer, leads):
    routes = {"a": [to("b", yes=True), to("c"), to("session_end")]}
    found = graph.next_step(routes, "a", answer)
    assert (None if isinstance(found, Broken) else found) == leads


def a_moment(**given):
    usual = {
        "user_prompt": "Renew </request> my card", "entries": [{"speaker": "user", "text": "Hello"}],
        "state": {"stages": {}}, "directive": {}, "knowledge": {}, "outputs": {}, "request_id": "r-1",
        "workflow": "rise",
    }  # fmt: skip
    return slots.Moment(**{**usual, **given})


def test_what_people_said_stands_in_blocks_that_it_cannot_close():
    filled = slots.filled("A {{input.user_prompt}} B {{ input.chat_context_summary }} {{request_id}}", a_moment())
    assert "<request>\nRenew &lt;/request> my card\n</request>" in filled
    assert '<input title="chat_context_summary">\nuser: Hello\n</input>' in filled
    assert filled.endswith("r-1")


@pytest.mark.parametrize(
    "text", ["{{settings.SECRET_KEY}}", "{0.__class__}", "{{input.unknown}}", "{% load x %}", "{{"]
)
def test_a_place_that_nobody_knows_stays_as_it_is_written(text):
    assert slots.filled(text, a_moment()) == text


def test_services_are_those_of_the_agencies_that_were_found():
    known = {"agencies": {"a": {"x": 1}, "b": {"x": 2}}}
    assert slots.services(known, {"stages": {}}) == known["agencies"]
    assert slots.services(known, {"stages": {"d": {"agencyInfo": [{"agency_id": "b"}]}}}) == {"b": {"x": 2}}


def test_nobody_sees_what_is_taken_out_of_an_input():
    assert slots.normalized("  Re\u200bnew\x00 \u202emy card\r\n") == "Renew my card"


def test_only_what_a_stage_saves_is_merged():
    answer = {"judgements": {"inquiry": True, "secret": 1}, "nextStep": "b"}
    kept = merging.slice_of(answer, ["judgements.inquiry", "missing", "a.*"])
    output = {"slice": kept, "next": "b", "response_id": "r", "violations": 1}
    before = {"session_id": "s", "stages": {"z": {}}}
    after = merging.merged(before, "a", output, user_prompt="x")
    assert after["stages"] == {"z": {}, "a": {"judgements": {"inquiry": True}}}
    assert (after["inquiry"], after["nextStep"], after["latest_response_id"]) == (True, "b", "r")
    assert after["guard"] == {"violations": 1, "locked_until": None}
    assert before == {"session_id": "s", "stages": {"z": {}}}


def test_knowledge_has_one_checksum_whatever_the_order_of_its_files():
    index = "agencies:\n- agency_id: a\n- agency_id: b\n"
    payload, missing = knowledge.read({knowledge.INDEX: index, "a/a_index.yaml": "services:\n- key: k\n"})
    assert missing == ["b/b_index.yaml"]
    assert knowledge.names(payload)["services"] == {"k"}
    assert knowledge.checksum(payload) == knowledge.checksum(dict(reversed(payload.items())))
    assert knowledge.checksum(payload).startswith("sha256::")
    with pytest.raises(KnowledgeMissing):
        knowledge.read({"a/a_index.yaml": "x: 1\n"})


def test_paths_say_where_they_found_what():
    assert paths.found(SCORED, "candidates.*.score") == [
        ("$.candidates.first.score", 0.29),
        ("$.candidates.second.score", 0.5),
    ]
    assert paths.value_at(SCORED, "list.1") == "b"
    assert paths.value_at(SCORED, "a.b") is None
