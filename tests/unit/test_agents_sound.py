"""What a transcription says that it will be billed for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from agents.providers import openai_sound
from agents.providers.seen import Seen
from billing.prices import Usage


def taken(text: object = "hello", **usage: Any) -> Seen:
    seen = Seen()
    openai_sound.take(SimpleNamespace(text=text, usage=SimpleNamespace(**usage) if usage else None), seen)
    return seen


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"seconds": 3}, Usage(input_tokens=0, output_tokens=0, heard_ms=3000)),
        ({"seconds": 3.25}, Usage(input_tokens=0, output_tokens=0, heard_ms=3250)),
        ({"seconds": 0}, Usage(input_tokens=0, output_tokens=0)),
        ({"input_tokens": 51, "output_tokens": 7}, Usage(input_tokens=51, output_tokens=7)),
        ({"seconds": -1}, None),
        ({"seconds": float("nan")}, None),
        ({"seconds": True}, None),
        ({"input_tokens": 51, "output_tokens": -7}, None),
        ({"input_tokens": 51}, None),
        ({}, None),
    ],
)
def test_its_length_or_its_tokens_are_billed(told: dict[str, Any], usage: Usage | None):
    seen = taken(**told)
    assert (seen.usage, seen.totals, seen.stop_reason) == (usage, usage is not None, "end_turn")


def test_an_answer_without_words_is_none():
    with pytest.raises(TypeError, match="no text"):
        taken(None)
