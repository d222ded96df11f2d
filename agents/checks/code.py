"""The Python blocks of a text: they parse, and they run. A block is run alone, in a child that has nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from . import blocks, child
from .inside import CANNOT_ISOLATE
from .result import PASS, Check, Material, Result, Spoken, failed, unclear, worst
from .words import say

PARSES: dict[str, Any] = {}
RUNS: dict[str, Any] = {
    "within": {"type": "number", "exclusiveMinimum": 0, "maximum": 60},
    "if_any": {"type": "boolean"},
    "prints": {"type": "string", "minLength": 1, "maxLength": 2000},
}
REQUIRED = ()
USUAL = 10.0
"""Seconds for each block."""
PARSE_WITHIN = 3.0
MOST_BLOCKS = 10
_PYTHON = ("python", "python3", "py")


def parses(check: Check, material: Material) -> Result:
    """parses. Where there is no Python, there is nothing wrong with it."""

    def one(number: int, text: str) -> Result:
        answer = child.work("parse", within=PARSE_WITHIN, text=text).answer()
        if answer is None:
            return unclear(say("run_slow", material.spoken, number, PARSE_WITHIN))
        wrong = answer["wrong"]
        return PASS if wrong is None else failed(say("no_parse", material.spoken, number, wrong))

    return _each(material, one)


def runs(check: Check, material: Material) -> Result:
    """runs. With `prints`, one of the blocks has to say that, too."""
    if not _python(material.text):
        return PASS if check.get("if_any") else failed(say("no_blocks", material.spoken))
    said: list[str] = []

    def one(number: int, text: str) -> Result:
        ran = child.work("run", within=check.get("within", USUAL), text=text)
        said.append(ran.out)
        return _judged(ran, number, within=check.get("within", USUAL), spoken=material.spoken)

    found = _each(material, one)
    wanted = check.get("prints", "")
    if found.is_pass and wanted and not any(wanted in out for out in said):
        return failed(say("required", material.spoken, wanted))
    return found


def _each(material: Material, one: Callable[[int, str], Result]) -> Result:
    found = _python(material.text)
    if len(found) > MOST_BLOCKS:
        return unclear(say("many_blocks", material.spoken, len(found), MOST_BLOCKS))
    return worst(one(number, text) for number, text in enumerate(found, start=1))


def _python(text: str) -> list[str]:
    """The blocks marked as Python; a session with prompts is none."""
    marked = [block.text for block in blocks.fenced(text) if block.language in _PYTHON]
    return [one for one in marked if not one.lstrip().startswith(">>>")]


def _judged(ran: child.Ran, number: int, *, within: float, spoken: Spoken) -> Result:
    if ran.ended == "loud":
        return failed(say("run_loud", spoken, number, child.MOST_OUTPUT))
    if ran.ended == "late":
        return failed(say("run_slow", spoken, number, within))
    if ran.code == 0:
        return PASS
    last = (ran.err.strip().splitlines() or [f"exit code {ran.code}"])[-1]
    if ran.code == CANNOT_ISOLATE:
        return unclear(say("run_never", spoken, last[:200]))
    if missing := _missing(last):
        return unclear(say("run_needs", spoken, number, missing))
    return failed(say("no_run", spoken, number, last[:300]))


def _missing(line: str) -> str | None:
    """The module that is not here and could be elsewhere: what Python itself brings is here."""
    start = "ModuleNotFoundError: No module named "
    if not line.startswith(start):
        return None
    name = line.removeprefix(start).strip("'\"")
    return None if name.partition(".")[0] in sys.stdlib_module_names else name[:100]
