"""What is published of what was said."""

from __future__ import annotations

import json

from nexus.events.hint import HINT, _commands


def told(*messages: dict) -> list[dict]:
    return [json.loads(text) for name, channel, text in _commands([(one, None) for one in messages])]


def test_of_how_far_a_run_is_only_the_furthest_is_sent():
    said = [{"run": 1, "seq": 2}, {"run": 2, "seq": 5}, {"run": 1, "seq": 4}, {"run": 1, "seq": 3}]
    assert told(*said) == [{"run": 2, "seq": 5}, {"run": 1, "seq": 4}]


def test_words_and_ends_are_all_sent():
    said = [
        {"run": 1, "delta": "so"},
        {"run": 1, "seq": 2},
        {"run": 1, "delta": "it"},
        {"run": 1, "seq": 3, "ended": True},
        {"run": 1, "seq": 4},
    ]
    assert told(*said) == [said[0], *said[2:]]


def test_what_is_kept_lies_there_before_it_is_told():
    [first, second, third] = _commands([({"run": 1, "delta": "so"}, "nx:said:1")])
    assert (first[:2], second[:2], third[:2]) == (("RPUSH", "nx:said:1"), ("EXPIRE", "nx:said:1"), ("PUBLISH", HINT))
    assert first[2] == third[2]
