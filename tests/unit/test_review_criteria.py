"""Criteria about text are decided without a judge, in both languages."""

from __future__ import annotations

import pytest

from workorders import criteria


@pytest.mark.parametrize(
    ("criterion", "document", "holds"),
    [
        ("must contain: rollback", "Say how to ROLLBACK.", True),
        ("must contain: roll back", "Say how to roll\n  back.", True),
        ("must contain: rollback", "Nothing here.", False),
        ("Must NOT contain: TODO", "All done.", True),
        ("must not contain: TODO", "todo: later", False),
        ("必须包含：回滚", "这里说明回滚。", True),
        ("不得包含：待定", "价格待定", False),
    ],
)
def test_text_is_required_or_forbidden_in_any_case_and_spacing(criterion, document, holds):
    rule = criteria.text_rule(criterion)
    assert rule is not None
    assert rule.holds(document) is holds


def test_every_other_line_is_for_the_judge():
    lines = ("must contain: x", "Reads well", "It must contain an index")
    assert criteria.for_the_judge(lines) == ("Reads well", "It must contain an index")


def test_reasons_quote_the_text_and_never_format_it():
    assert criteria.broken(["must contain: {0.__class__}"], "", "en") == (
        "The text must contain “{0.__class__}” and does not.",
    )
    assert criteria.broken(["不得包含：TODO"], "todo", "zh-Hans") == ("文本不得包含“TODO”，但包含了。",)


def test_a_draft_that_keeps_every_rule_gives_no_reason():
    assert criteria.broken(["must contain: a", "must not contain: z", "Reads well"], "abc", "en") == ()
