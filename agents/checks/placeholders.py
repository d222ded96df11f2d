"""What somebody meant to fill in later. Pure."""

from __future__ import annotations

import re
from typing import Any

from .result import PASS, Check, Material, Result, failed
from .words import say

USUAL = ("marks",)
FIELDS: dict[str, Any] = {
    "forbid": {
        "type": "array",
        "items": {"type": "string", "enum": ["marks", "angles", "braces"]},
        "minItems": 1,
        "uniqueItems": True,
    }
}
REQUIRED = ()
_SHAPES = {
    # A mark is a note to oneself: "TODO: dates", "[TBD]". Whoever writes about TODO comments writes no mark.
    "marks": re.compile(
        r"\b(?:TODO|FIXME|XXX|CHANGEME|CHANGE_ME|TBD)\b(?=\s*[:：\])(]|\s*$)|\[(?:TODO|TBD|FIXME)[^\]\n]{0,60}\]"
        r"|\bCHANGEME\b|\blorem ipsum\b|[【\[（(]?(?:待补充|待填写|待定)[】\]）)]?\s*$",
        re.MULTILINE | re.IGNORECASE,
    ),
    "angles": re.compile(r"<(?!/|!|https?:|mailto:)[A-Za-z][\w .…-]{0,60}>|<(?:\.\.\.|…)>"),
    "braces": re.compile(r"\{\{[^{}\n]{0,80}\}\}"),
}
_HTML = re.compile(
    r"<(?:a|abbr|b|blockquote|body|br|button|code|dd|details|div|dl|dt|em|form|h[1-6]|head|hr|html|i|img|input|kbd|"
    r"label|li|link|main|meta|nav|ol|option|p|pre|script|section|select|small|span|strong|style|sub|summary|sup|"
    r"table|tbody|td|textarea|tfoot|th|thead|title|tr|u|ul)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)


def holds(check: Check, material: Material) -> Result:
    """placeholders."""
    for shape in check.get("forbid", USUAL):
        for found in _SHAPES[shape].finditer(material.text):
            if shape == "angles" and _HTML.fullmatch(found.group()):
                continue
            line = material.text.count("\n", 0, found.start()) + 1
            return failed(say("placeholder", material.spoken, found.group().strip()[:60], line))
    return PASS
