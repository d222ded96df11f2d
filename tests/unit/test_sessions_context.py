"""What a model is told of a conversation: bounded, in turns, the last words whole; and ids that sort by time."""

from __future__ import annotations

import pytest

from agents.providers.messages import Image, Text
from agents.sessions import context, ulid
from agents.sessions.context import Said


def said(count, role="user", text="words"):
    return [Said(place=place, role=role, text=f"{text} {place}") for place in range(count)]


def test_nothing_is_summed_up_before_enough_has_gathered():
    assert context.split(said(30)).older == ()
    parts = context.split(said(31))
    assert (len(parts.older), len(parts.recent)) == (11, 20)
    assert parts.older[-1].place + 1 == parts.recent[0].place


def test_speakers_take_turns_and_the_user_begins():
    talk = [
        Said(place=1, role="assistant", text="Welcome"),
        Said(place=2, role="user", text="One"),
        Said(place=3, role="user", text="Two"),
        Said(place=4, role="system", text="Be brief"),
        Said(place=5, role="assistant", text="Three"),
        Said(place=6, role="assistant", text=" "),
    ]
    turns = context.turns(talk)
    assert [(turn.speaker, len(turn.blocks)) for turn in turns] == [("user", 2), ("assistant", 1)]
    assert context.system(talk, duty="Answer", summary="Long ago") == (
        "Answer\n\nBe brief\n\nWhat was said before, in short:\nLong ago"
    )


def test_the_oldest_are_cut_first_and_the_last_word_never():
    long = "x" * (context.CHARACTERS // 2 + 1)
    talk = [Said(place=place, role="user", text=long) for place in range(3)]
    lengths = [len(block.text) for turn in context.turns(talk) for block in turn.blocks]
    assert lengths[2] == len(long)
    assert lengths[0] < lengths[2]
    huge = context.turns([Said(place=1, role="user", text="y" * (2 * context.CHARACTERS))])
    assert len(huge[0].blocks[0].text) == 2 * context.CHARACTERS


def test_of_many_pictures_the_newest_are_shown_and_the_rest_named():
    picture = Image(media_type="image/png", data="")
    talk = [Said(place=place, role="user", text="look", files=(picture,) * 9, named="a.png") for place in range(4)]
    (turn,) = context.turns(talk)
    assert sum(block.kind == "image" for block in turn.blocks) == 18
    assert Text(text="look\n\n(a.png)") in turn.blocks


def test_what_programs_add_and_the_summary_are_bounded():
    told = context.system(said(3, role="system", text="z" * 20_000), duty="", summary="s" * 9_000)
    assert len(told) < context.ADDED_AT_MOST + context.SUMMARY_AT_MOST + 200


def test_ids_sort_by_time_and_are_26_letters():
    first, second = ulid.after(now=1_000.0), ulid.after(now=1_000.001)
    assert first < second
    assert len(first) == 26
    assert ulid.after(now=1_469_918_176.385).startswith("01ARYZ6S41")


def test_an_id_sorts_after_the_last_one_although_the_clock_went_back():
    last = ulid.after(now=2_000.0)
    assert ulid.after(last, now=1_000.0) == ulid.spelt(ulid.read(last) + 1)
    assert ulid.after(last, now=3_000.0) > last


@pytest.mark.parametrize("text", ["", "8" + "0" * 25, "I" * 26, "0" * 25])
def test_what_is_no_id_is_refused(text):
    with pytest.raises(ValueError, match="no ULID"):
        ulid.read(text)
