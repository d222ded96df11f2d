"""How long the text is, in words or characters. A Chinese character is a word of its own. Pure."""

from __future__ import annotations

import re
from typing import Any

from .result import PASS, Check, Material, Result, failed
from .words import say

_COUNT = {"type": "integer", "minimum": 1, "maximum": 10_000_000}
FIELDS: dict[str, Any] = {
    "at_least": _COUNT,
    "at_most": _COUNT,
    "unit": {"type": "string", "enum": ["characters", "words"]},
}
REQUIRED = ("unit",)
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+(?:['’-][^\W\u3400-\u9fff]+)*")


def refusal(check: Check) -> str | None:
    """Why nobody could decide this check; None where it can be."""
    if "at_least" not in check and "at_most" not in check:
        return "a length has at_least, at_most or both"
    if check.get("at_least", 0) > check.get("at_most", 10_000_000):
        return "at_least is more than at_most"
    return None


def holds(check: Check, material: Material) -> Result:
    """length."""
    unit = check["unit"]
    size = len(_WORD.findall(material.text)) if unit == "words" else len(material.text.strip())
    shown = say(unit, material.spoken)
    if size < check.get("at_least", 0):
        return failed(say("too_short", material.spoken, size, check["at_least"], shown))
    if "at_most" in check and size > check["at_most"]:
        return failed(say("too_long", material.spoken, size, check["at_most"], shown))
    return PASS
