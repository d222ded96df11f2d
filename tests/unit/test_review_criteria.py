"""Criteria as people write them become checks; what no machine can decide is for a judge."""

from __future__ import annotations

import pytest

from agents.checks.kinds import ChecksInvalid
from workorders import criteria


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("must contain: rollback", {"kind": "required", "text": "rollback"}),
        (" Must NOT contain:  TODO ", {"kind": "forbidden", "text": "TODO"}),
        ("必须包含：回滚", {"kind": "required", "text": "回滚"}),
        ("不得包含：待定", {"kind": "forbidden", "text": "待定"}),
        ("must match: ^## .+", {"kind": "regex", "pattern": "^## .+", "must": "match", "flags": "m"}),
        ("不得匹配：\\d{16}", {"kind": "regex", "pattern": "\\d{16}", "must": "not_match", "flags": "m"}),
        ("At most 500 words.", {"kind": "length", "at_most": 500, "unit": "words"}),
        ("at least 20 characters", {"kind": "length", "at_least": 20, "unit": "characters"}),
        ("不超过 300 字", {"kind": "length", "at_most": 300, "unit": "words"}),
        ("至少 50 个字。", {"kind": "length", "at_least": 50, "unit": "words"}),
        ("must be JSON", {"kind": "json"}),
        ("In Chinese.", {"kind": "language", "language": "zh-Hans"}),
        ("使用英文", {"kind": "language", "language": "en"}),
        ("no secrets", {"kind": "secrets"}),
        ("No placeholders", {"kind": "placeholders", "forbid": ["marks", "angles", "braces"]}),
        ("The code runs.", {"kind": "runs"}),
        ("代码必须能解析", {"kind": "parses"}),
        ("It must contain an index", {"kind": "judge", "criterion": "It must contain an index"}),
        ("At most 500 words of English prose", {"kind": "judge", "criterion": "At most 500 words of English prose"}),
    ],
)
def test_a_line_is_a_check_where_it_says_one(line, check):
    assert criteria.check_of(line, by="request") == {**check, "by": "request"}


@pytest.mark.parametrize(
    ("check", "line"),
    [
        ({"kind": "required", "text": "a"}, "must contain: a"),
        ({"kind": "forbidden", "text": "a"}, "must not contain: a"),
        ({"kind": "regex", "pattern": "a", "must": "not_match"}, "must not match: a"),
        ({"kind": "length", "unit": "words", "at_least": 2, "at_most": 5}, "at least 2 and at most 5 words"),
        ({"kind": "language", "language": "en"}, "in English"),
        ({"kind": "language", "language": "zh-Hans"}, "in Chinese"),
        ({"kind": "secrets"}, "no secrets"),
        ({"kind": "placeholders"}, "no placeholders"),
        ({"kind": "runs"}, "the code runs"),
        ({"kind": "parses"}, "the code parses"),
        ({"kind": "judge", "criterion": "Reads well"}, "Reads well"),
        ({"kind": "json", "required_paths": ["a.b"], "by": "plan"}, "json: required_paths = ['a.b']"),
        ({"kind": "json"}, "json"),
    ],
)
def test_a_check_can_be_read_by_whoever_works_by_it(check, line):
    assert criteria.spelled(check) == line


def test_an_order_keeps_lines_where_a_line_can_say_it():
    assert criteria.kept("Reads well") == "Reads well"
    assert criteria.kept({"kind": "required", "text": "a"}) == "must contain: a"
    assert criteria.kept({"kind": "required", "text": "a", "of": "One"}) == {
        "kind": "required",
        "text": "a",
        "of": "One",
    }
    assert criteria.kept({"kind": "runs"}) == {"kind": "runs"}
    assert criteria.lines(["a", {"kind": "runs"}, "a"]) == ("a", "the code runs")


def agreed(message="Draft a release checklist", intent="documentation", difficulty="normal", **given):
    given = {"request": (), "triage": (), "plan": ()} | given
    return criteria.agreed(message=message, intent=intent, difficulty=difficulty, **given)


def test_everybody_who_asks_for_something_gets_it_once():
    checks = agreed(
        request=["must contain: rollback", {"kind": "runs"}],
        triage=["Says how to verify it."],
        plan=["must contain: rollback", {"kind": "runs", "of": "Before"}],
    )
    said = [(check["by"], check["kind"]) for check in checks]
    assert said[:3] == [("house", "substance"), ("house", "secrets"), ("house", "placeholders")]
    assert said[3:] == [("request", "required"), ("request", "runs"), ("triage", "judge"), ("plan", "runs")]


def test_code_that_is_asked_for_has_to_parse():
    assert "parses" in [check["kind"] for check in agreed(intent="build_feature")]
    assert "parses" in [check["kind"] for check in agreed(intent="debug")]
    assert "parses" not in [check["kind"] for check in agreed(intent="ops")]


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        ("Remove every TODO comment and say where they were", "placeholders"),
        ("Write the .env file:\nDB_PASSWORD=correct-horse-9", "secrets"),
    ],
)
def test_a_request_is_not_held_to_what_it_asks_for_itself(message, left_out):
    assert left_out not in [check["kind"] for check in agreed(message)]


def test_a_trivial_order_may_have_a_short_answer():
    (check, *_) = agreed(difficulty="trivial")
    assert check == {"kind": "substance", "at_least": 1, "by": "house"}


def test_a_criterion_that_nobody_can_decide_is_refused():
    with pytest.raises(ChecksInvalid):
        criteria.check_of("must match: (", by="request")
