"""A function of a program that a model wrote: what it gives back, and how it fails."""

from __future__ import annotations

import pytest

from agents import programs
from agents.programs import ProgramFailed

DOUBLES = "def run(data):\n    return data * 2\n"


def test_what_is_python_is_taken():
    programs.check(DOUBLES)


@pytest.mark.parametrize(
    ("source", "says"),
    [("def run(", "It is not Python: "), ("#" * (programs.LONGEST + 1), "at most 200000 characters")],
)
def test_what_is_not_is_refused(source: str, says: str):
    with pytest.raises(ProgramFailed, match=says):
        programs.check(source)


def test_each_argument_has_its_answer():
    assert programs.call_each(DOUBLES, "run", [2, "工", [1]]) == [4, "工工", [1, 1]]


@pytest.mark.parametrize(
    ("source", "function", "argument", "says"),
    [
        (DOUBLES, "run()", 1, "called by its name"),
        (DOUBLES, "walk", 1, "walk"),
        (DOUBLES, "run", "x" * 2 * programs.LONGEST, "at most 200000 characters each"),
        ("def run(data):\n    raise ValueError('no such thing')\n", "run", 1, "ValueError: no such thing"),
        ("def run(data):\n    while True: pass\n", "run", 1, "longer than 0.3 s"),
        ("def run(data):\n    print('x' * 300_000)\n", "run", 1, "said more than"),
        ("import atexit\natexit.register(print, 'and so on')\n" + DOUBLES, "run", 1, "no JSON"),
    ],
)
def test_what_fails_says_why(source: str, function: str, argument: object, says: str):
    with pytest.raises(ProgramFailed, match=says):
        programs.call(source, function, argument, within=0.3 if "while" in source else programs.WITHIN)
