"""Text for Telegram: what fits, where it is cut, what is escaped."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.sandbox.telegram import markup as theirs
from apps.telegram import markup

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)


@settings(max_examples=40)
@given(texts)
def test_a_text_is_as_long_as_telegram_takes_it_to_be(text):
    assert markup.units(text) == theirs.units(text)


@settings(max_examples=40)
@given(texts, st.integers(4, 60))
def test_pieces_fit_and_hold_every_word_in_its_order(text, most):
    pieces = markup.split(text, most)

    assert all(0 < markup.units(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_pieces_end_at_line_breaks():
    assert markup.split("one two\nthree four\nfive", 12) == ["one two", "three four", "five"]
    assert markup.split("😀" * 5, 4) == ["😀😀", "😀😀", "😀"]
    assert markup.split(" \n ") == []


@settings(max_examples=40)
@given(texts, st.integers(2, 40))
def test_what_is_cut_fits_and_says_so(text, most):
    cut = markup.cut(text, most)

    assert markup.units(cut) <= most
    assert cut == text or cut.endswith("…")


@settings(max_examples=40)
@given(st.text(max_size=100))
def test_what_is_escaped_is_read_by_telegram_as_it_was(text):
    shown, entities = theirs.read(markup.safe(text), "HTML")

    assert shown == markup.whole(text)
    assert entities == []
    assert markup.plain(markup.safe(text)) == markup.whole(text)


def test_what_no_database_stores_is_left_out_of_an_update():
    from apps.telegram.inbox import _storable

    assert _storable({"a\0": ["x\ud83d", {"b": "\0"}], "n": 1.5, "t": True}) == {
        "a": ["x", {"b": ""}], "n": 1.5, "t": True,
    }  # fmt: skip
