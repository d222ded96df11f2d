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
    r"done|completed?|finished|implemented|fixed|resolved|delivered|ready|successful(?:ly)?|verified|pass(?:es|ed)?|met|"
    r"satisfied|works?(?=\W*$)"
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
    text = _HEADING.sub("", material.text)
    if _weight(_without(text, material.given)) < least:
        return failed(say("empty", material.spoken))
    known = (material.request,) if len(material.request.strip()) >= SHORTEST_REQUEST else ()
    fresh = _without(text, (*material.given, *known))
    if _weight(fresh) < least:
        return failed(say("echo", material.spoken))
    shown = " ".join(sentence for sentence in _SENTENCE.split(fresh) if not _CLAIM.match(sentence.strip()))
    return PASS if _weight(shown) >= least else failed(say("claims", material.spoken))


def _without(text: str, known: tuple[str, ...]) -> str:
    """`text` without what is known of it, whatever its case and spacing, and however the known parts overlap."""
    kept = list(text)
    for piece in known:
        if words := [re.escape(word) for word in piece.split()]:
            for found in re.finditer(r"\s+".join(words), text, flags=re.IGNORECASE):
                kept[found.start() : found.end()] = " " * (found.end() - found.start())
    return "".join(kept)


def _weight(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text if character.isalnum())
