"""Counting without asking: bounds that hold, texts that can be stored."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from agents import tokens
from apps.sandbox.tokens import count


@given(st.text())
def test_no_tokenizer_that_reads_bytes_can_find_more_tokens_than_the_bound(text):
    assert count(text) <= len(text.encode("utf-8", "surrogatepass")) <= tokens.at_most(text)


@given(st.text(), st.text())
def test_a_bound_of_two_texts_covers_both(one, other):
    assert tokens.at_most(one, other) == tokens.at_most(one) + tokens.at_most(other) - tokens.OVERHEAD


@given(st.text())
def test_a_guess_is_below_the_bound(text):
    assert tokens.likely(text) <= tokens.at_most(text)


@given(st.text(alphabet=st.characters() | st.sampled_from("\x00\ud800\udfff")))
def test_a_clean_text_can_travel_and_be_stored(text):
    clean = tokens.clean(text)
    assert "\x00" not in clean
    assert json.loads(json.dumps(clean).encode()) == clean
    assert clean.encode("utf-8").decode("utf-8") == clean


def test_cleaning_leaves_ordinary_text_alone():
    assert tokens.clean("Plan für 你好 🎉\n") == "Plan für 你好 🎉\n"
