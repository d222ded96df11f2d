"""Sections become one document; a document gets a file name."""

from __future__ import annotations

import pytest

from workorders.document import Part, assemble, file_name


def test_sections_stand_in_order_under_one_title():
    text = assemble(
        title="Plan", summary="In short.", parts=[Part(title="A", text="one"), Part(title="B", text="two\n\nmore")]
    )
    assert text == "# Plan\n\nIn short.\n\n## A\n\none\n\n## B\n\ntwo\n\nmore\n"


def test_a_section_that_repeats_its_title_has_it_once():
    text = assemble(
        title="T", summary="", parts=[Part(title="Risks", text="## Risks\n\nFire."), Part(title="B", text="x")]
    )
    assert text.count("Risks") == 1


def test_headings_of_a_section_stand_below_ours_but_code_is_left_alone():
    body = "# Top\n\n```sh\n# a comment\n```\n\n#### Deep"
    text = assemble(title="T", summary="", parts=[Part(title="A", text=body), Part(title="B", text="x")])
    assert "### Top" in text
    assert "\n# a comment\n" in text
    assert "#### Deep" in text


def test_a_closing_that_all_sections_share_stands_once_at_the_end():
    parts = [Part(title="A", text="one\n\n-- signed"), Part(title="B", text="two\n\n-- signed")]
    assert assemble(title="T", summary="", parts=parts) == "# T\n\n## A\n\none\n\n## B\n\ntwo\n\n-- signed\n"


def test_a_closing_that_only_some_share_stays_where_it_is():
    parts = [Part(title="A", text="one\n\n-- signed"), Part(title="B", text="two")]
    assert "one\n\n-- signed" in assemble(title="T", summary="", parts=parts)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("Draft a release checklist!", "draft-a-release-checklist.md"),
        ("../../etc/passwd\0", "etc-passwd.md"),
        ("起草 发布清单", "起草-发布清单.md"),
        ("...", "deliverable.md"),
        ("word " * 100, "word-word-word-word-word-word-word-word-word-word-word-word.md"),
        ("x" * 300, "x" * 60 + ".md"),
    ],
)
def test_a_file_name_is_safe_and_short(message, name):
    assert file_name(message) == name
