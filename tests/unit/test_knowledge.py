"""What a text is found by, and how it is cut."""

from __future__ import annotations

import pytest

from agents import knowledge
from agents.knowledge import PASSAGE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Never on Fridays", ["never", "on", "fridays"]),
        ("\u53d1\u5e03\u6e05\u5355", ["\u53d1\u5e03", "\u5e03\u6e05", "\u6e05\u5355"]),
        ("\u53d1", ["\u53d1"]),
        ("x" * 65 + " ok", ["ok"]),
        ("", []),
    ],
)
def test_words_are_found_in_either_script(text: str, found: list[str]):
    assert list(knowledge.words(text)) == found


def test_a_text_is_cut_between_paragraphs_where_that_can_be():
    half = "x" * (PASSAGE // 2 + 1)
    assert list(knowledge.passages(f"{half}\n\n{half}\n \nshort")) == [half, f"{half}\n\nshort"]
    pieces = list(knowledge.passages("y" * (3 * PASSAGE)))
    assert ("".join(pieces), max(map(len, pieces)) <= 2 * PASSAGE) == ("y" * (3 * PASSAGE), True)
    assert list(knowledge.passages(" \n\n ")) == []


def test_nothing_is_found_by_nothing():
    assert knowledge.search(project="p", query="?!") == []
