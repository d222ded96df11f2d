"""The judge: another role than the author's, with fresh eyes. What it is asked and shown, its caller composes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .result import PASS, Material, Result, Ruling
from .words import say

FIELDS: dict[str, Any] = {"criterion": {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": r"\S"}}
REQUIRED = ("criterion",)
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"type": "string", "enum": ["pass", "fail", "inconclusive"]},
        "reasons": {
            "type": "array",
            "items": {"type": "string"},
            "description": "For each criterion that is not met: which one, and what is missing",
        },
    },
    "required": ["verdict", "reasons"],
    "additionalProperties": False,
}
"""What a judge answers."""

Ask = Callable[[tuple[str, ...]], Mapping[str, Any]]
"""Asks about these criteria, through agents.calls; returns an answer that fits ANSWER."""


def judged(criteria: tuple[str, ...], material: Material, *, role: str, author: str, ask: Ask) -> Result:
    """What `role` says of what `author` wrote. Nobody is asked where the two are one."""
    if role == author:
        return Result(ruling="inconclusive", reasons=(say("own_judge", material.spoken, author),), kind="judge")
    answer = ask(criteria)
    ruling: Ruling = answer["verdict"]
    if ruling == "pass":
        return Result(ruling=PASS.ruling, kind="judge")
    said = tuple(dict.fromkeys(reason for reason in answer["reasons"] if reason.strip()))
    # Who refuses without a word, or cannot decide, has still not passed it.
    unsaid = say("no_reason" if ruling == "fail" else "no_verdict", material.spoken)
    return Result(ruling=ruling, reasons=said or (unsaid,), kind="judge")
