"""Checks are read strictly, sealed before the work, decided cheap ones first, and judged by somebody else."""

from __future__ import annotations

import pytest

from agents.checks import blocks, judge, kinds, run, seal
from agents.checks.kinds import KINDS, ChecksInvalid
from agents.checks.result import Material
from agents.checks.seal import ChecksChanged

GOOD = Material(text="Freeze the branch, then drain the workers.", request="Draft a release checklist, please")
REQUIRED = {"kind": "required", "text": "drain"}


def says_pass(criteria):
    return {"verdict": "pass", "reasons": []}


def never(criteria):
    raise AssertionError("the judge was asked")


def checked(*checks, material=GOOD, role="ceo", author="director", ask=says_pass):
    return run.check(kinds.read_all(checks), material, role=role, author=author, ask=ask)


@pytest.mark.parametrize(
    ("check", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "none"}, "/kind"),
        ({"kind": "required"}, ""),
        ({"kind": "required", "text": " "}, "/text"),
        ({"kind": "required", "text": "a", "strange": 1}, ""),
        ({"kind": "required", "text": "a", "by": "worker"}, "/by"),
        ({"kind": "regex", "pattern": "("}, ""),
        ({"kind": "regex", "pattern": "a", "flags": "x"}, "/flags"),
        ({"kind": "regex", "pattern": "a", "within": 60}, "/within"),
        ({"kind": "length", "unit": "words"}, ""),
        ({"kind": "length", "unit": "words", "at_least": 5, "at_most": 4}, ""),
        ({"kind": "json_schema", "schema": {"type": "strange"}}, ""),
        ({"kind": "json_schema", "schema": {"$ref": "http://169.254.169.254/"}}, ""),
        ({"kind": "json_schema", "schema": {"allOf": [{"$ref": 5}]}}, ""),
        ({"kind": "language", "language": "de"}, "/language"),
        ({"kind": "secrets", "forbid": []}, "/forbid"),
    ],
)
def test_a_check_that_nobody_can_decide_is_refused_with_its_place(check, pointer):
    with pytest.raises(ChecksInvalid) as refused:
        kinds.read(check, pointer="/acceptance/0")
    assert refused.value.facts["pointer"] == f"/acceptance/0{pointer}"


def test_a_schema_that_is_too_deep_is_refused():
    deep = {}
    for _ in range(100):
        deep = {"not": deep}
    with pytest.raises(ChecksInvalid, match="deep"):
        kinds.read({"kind": "json_schema", "schema": deep})


def test_there_are_not_too_many_and_each_is_there_once():
    assert kinds.read_all([REQUIRED, dict(REQUIRED)]) == (REQUIRED,)
    with pytest.raises(ChecksInvalid, match="at most"):
        kinds.read_all([REQUIRED] * (kinds.MOST + 1))


def test_the_seal_is_of_the_checks_and_their_order():
    other = {"text": "drain", "kind": "required"}
    assert seal.seal([REQUIRED]) == seal.seal([other])
    assert seal.seal([REQUIRED, {"kind": "parses"}]) != seal.seal([{"kind": "parses"}, REQUIRED])


def test_checks_that_differ_from_their_seals_are_refused():
    agreed = seal.seal([REQUIRED])
    seal.compare([REQUIRED], agreed, agreed)
    for checks, seals in (([{**REQUIRED, "text": "a"}], (agreed,)), ([], (agreed, agreed)), ([REQUIRED], ())):
        with pytest.raises(ChecksChanged):
            seal.compare(checks, *seals)
    with pytest.raises(ChecksChanged):
        seal.compare([REQUIRED], agreed, seal.seal([]))


def test_a_text_passes_when_every_check_and_the_judge_say_so():
    report = checked(REQUIRED, {"kind": "judge", "criterion": "Reads well"})
    assert report.ruling == "pass"
    assert [one["kind"] for one in report.as_json()] == ["required", "judge"]


def test_the_judge_is_asked_about_its_criteria_and_also_about_none():
    asked = []
    checked({"kind": "judge", "criterion": "Reads well"}, ask=lambda criteria: asked.append(criteria) or says_pass(()))
    checked(REQUIRED, ask=lambda criteria: asked.append(criteria) or says_pass(()))
    assert asked == [("Reads well",), ()]


def test_a_text_that_fails_already_is_not_shown_to_the_judge():
    report = checked({"kind": "required", "text": "rollback"}, ask=never)
    assert report.ruling == "fail"


def test_cheap_checks_come_before_those_that_need_a_process():
    report = checked({"kind": "parses"}, REQUIRED)
    assert [one.kind for one in report.results] == ["required", "parses", "judge"]


@pytest.mark.parametrize("verdict", ["fail", "inconclusive"])
def test_what_the_judge_does_not_pass_is_not_a_pass_also_without_a_reason(verdict):
    report = checked(ask=lambda criteria: {"verdict": verdict, "reasons": [" "]})
    assert report.ruling == verdict
    assert report.reasons
    assert checked(ask=lambda criteria: {"verdict": verdict, "reasons": ["r", "r"]}).reasons == ("r",)


def test_nobody_judges_their_own_work():
    report = checked(role="ceo", author="ceo", ask=never)
    assert report.ruling == "inconclusive"
    assert "ceo" in report.reasons[0]


def test_a_check_that_breaks_has_decided_nothing(monkeypatch):
    def breaks(check, material):
        raise OSError("no space left")

    monkeypatch.setitem(kinds.KINDS, "parses", kinds.Kind(fields={}, required=(), decide=breaks))
    report = checked({"kind": "parses"}, ask=never)
    assert report.ruling == "inconclusive"
    assert "OSError" in report.reasons[0]


def test_a_check_of_a_section_looks_there_alone():
    text = "# Plan\n\n## Before\n\nFreeze.\n\n```sh\n# After\n```\n\n### More\n\ndrain\n\n## After\n\nRelax.\n"
    material = Material(text=text, request="")
    assert checked({**REQUIRED, "of": "before"}, material=material).ruling == "pass"
    assert checked({**REQUIRED, "of": "After"}, material=material, ask=never).ruling == "fail"
    assert checked({**REQUIRED, "of": "No such heading"}, material=material).ruling == "pass"


def test_blocks_end_with_their_own_fence_or_with_the_text():
    text = "a\n````md\n```python\nx\n```\n````\n~~~py\ny\n"
    assert [(one.language, one.text) for one in blocks.fenced(text)] == [("md", "```python\nx\n```"), ("py", "y")]
    assert blocks.prose(text) == "a"
    assert blocks.section("no headings", "x") is None
    assert blocks.section("# X\n\nto the end", "x") == "\nto the end"


def test_every_kind_says_what_it_takes():
    assert set(KINDS) == {
        "required", "forbidden", "length", "language", "secrets", "placeholders", "substance", "json", "regex",
        "json_schema", "parses", "runs", "judge",
    }  # fmt: skip
    assert [name for name, kind in KINDS.items() if kind.schema(name)["additionalProperties"]] == []
    assert judge.ANSWER["required"] == ["verdict", "reasons"]
