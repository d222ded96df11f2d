"""More than the request again, and more than "done": something is there that its author wrote. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .result import PASS, Check, Material, Result, failed
from .words import say

FIELDS: dict[str, Any] = {"at_least": {"type": "integer", "minimum": 1, "maximum": 10_000}}
REQUIRED = ()
USUAL = 10
"""Characters; a wide one counts as two. What says less delivers nothing."""
SHORTEST_REQUEST = 12
"""A shorter one may well stand in a good answer, as a greeting does in its translation."""

_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t].*$|^[ \t]*[-=*_]{3,}[ \t]*$", re.MULTILINE)
_DONE = (
    r"done|completed?|finished|implemented|fixed|resolved|delivered|ready|successful(?:ly)?|verified|passed|pass|met|"
    r"satisfied"
)
_CLAIM = re.compile(
    rf"^\W*(?:i(?:'ve|’ve| have)?|we(?:'ve|’ve| have)?|the|this|that|it|all|every(?:thing)?|each|task|work|tests?|"
    rf"checks?|criteria|request(?:ed)?|as requested|done|completed?|finished|yes|ok(?:ay)?|sure|certainly)\b"
    rf"[^.!?\n]{{0,160}}\b(?:{_DONE})\b[^.!?\n]{{0,80}}[.!?]*\W*$|^\W*(?:{_DONE})\W*$"
    r"|^\W*(?:我|我们|已|已经|任务|工作|全部|所有|测试|需求)[^。！？\n]{0,60}(?:完成|通过|实现|修复|满足|就绪)[^。！？\n]{0,10}[。！？]?\W*$"
    r"|^\W*(?:完成|已完成|搞定)\W*$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")


def holds(check: Check, material: Material) -> Result:
    """substance."""
    least = check.get("at_least", USUAL)
    own = _HEADING.sub("", _without(material.text, material.given))
    if _weight(own) < least:
        return failed(say("empty", material.spoken))
    fresh = _without(own, (material.request,) if len(material.request.strip()) >= SHORTEST_REQUEST else ())
    if _weight(fresh) < least:
        return failed(say("echo", material.spoken))
    shown = " ".join(sentence for sentence in _SENTENCE.split(fresh) if not _CLAIM.match(sentence.strip()))
    return PASS if _weight(shown) >= least else failed(say("claims", material.spoken))


def _without(text: str, known: tuple[str, ...]) -> str:
    """`text` without what is known of it, whatever its case and spacing."""
    for piece in sorted((one for one in known if one.strip()), key=len, reverse=True):
        words = [re.escape(word) for word in piece.split()]
        text = re.sub(r"\s+".join(words), " ", text, flags=re.IGNORECASE)
    return text


def _weight(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text if character.isalnum())
