"""A regular expression, tried in a child process: the limit of time holds for every pattern, and one of memory too."""

from __future__ import annotations

import re
from typing import Any

from . import child
from .result import PASS, Check, Material, Result, failed, unclear
from .words import say

FIELDS: dict[str, Any] = {
    "pattern": {"type": "string", "minLength": 1, "maxLength": 1000},
    "flags": {"type": "string", "pattern": r"\A[ims]{0,3}\Z"},
    "must": {"type": "string", "enum": ["match", "not_match"]},
    "within": {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
}
REQUIRED = ("pattern",)
USUAL = 1.0
"""Seconds."""


def refusal(check: Check) -> str | None:
    """Why nobody could decide this check; None where it can be."""
    try:
        re.compile(check["pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        return f"the pattern is no regular expression: {error}"
    return None


def holds(check: Check, material: Material) -> Result:
    """regex."""
    pattern, within = check["pattern"], check.get("within", USUAL)
    flags = check.get("flags", "")
    answer = child.work("match", within=within, pattern=pattern, flags=flags, text=material.text).answer()
    if answer is None:
        return unclear(say("pattern_slow", material.spoken, pattern, within))
    wanted = check.get("must", "match") == "match"
    if answer["found"] == wanted:
        return PASS
    return failed(say("no_match" if wanted else "match", material.spoken, pattern))
