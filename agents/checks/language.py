"""The language of the prose; code is in none. Pure."""

from __future__ import annotations

import re
from typing import Any

from . import blocks
from .result import PASS, Check, Material, Result, failed, unclear
from .words import say

FIELDS: dict[str, Any] = {"language": {"type": "string", "enum": ["en", "zh-Hans"]}}
REQUIRED = ("language",)
ENOUGH = 5
"""Words; of fewer nobody can tell."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_INLINE = re.compile(r"`[^`\n]*`|https?://\S+")


def holds(check: Check, material: Material) -> Result:
    """language."""
    read = _INLINE.sub(" ", blocks.prose(material.text))
    han, latin = len(_HAN.findall(read)), len(_LATIN.findall(read))
    if han + latin < ENOUGH:
        return unclear(say("no_words", material.spoken))
    # Product names stay Latin in a Chinese text; a quotation stays Chinese in an English one.
    is_chinese = han > latin and not _KANA.search(read)
    is_english = latin > 3 * han
    if is_chinese if check["language"] == "zh-Hans" else is_english:
        return PASS
    return failed(say("other_language", material.spoken, say(check["language"], material.spoken)))
