"""What a listener knows of a text that is being written, whatever comes twice, late, or not at all."""

from __future__ import annotations

import pytest

from apps.live.lines import of_words
from apps.live.words import Gap, Piece, Written


def hint(delta: str, at: int, by: int = 1):
    return of_words("turn", delta, at, by)


def test_words_are_told_once_in_order():
    written = Written()
    assert written.add(hint("Hello ", 0)) == Piece("Hello ")
    assert written.add(hint("Hello ", 0)) is None
    assert written.add(hint("lo there", 3)) == Piece("there")
    assert written.text == "Hello there"


def test_words_behind_a_gap_are_not_told():
    written = Written()
    with pytest.raises(Gap):
        written.add(hint("there", 6))
    written.add(hint("Hello ", 0))
    with pytest.raises(Gap):
        written.add(hint("!", 11))
    assert written.text == "Hello "


def test_a_worker_that_begins_anew_replaces_what_was_told():
    written = Written()
    written.add(hint("Hello ", 0))
    with pytest.raises(Gap):
        written.add(hint("evening", 5, by=2))
    assert written.add(hint("Good ", 0, by=2)) == Piece("Good ", anew=True)
    assert written.add(hint("there", 6, by=1)) is None
    assert written.text == "Good "
