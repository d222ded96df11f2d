"""{{ places }} of a text, filled with what a message says. Pure; nothing is evaluated.

`{{ repository.name }}` and `{{ commits.0.message }}` are looked up step by step. What is not there is left empty, and
what is filled in is not looked at again.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

PLACE = re.compile(r"\{\{ {0,3}([A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{1,64}){0,9}) {0,3}\}\}")
MOST = 2_000
"""Characters that one place may be filled with."""


def fill(text: str, message: Any) -> str:
    """The text with its places filled."""
    return PLACE.sub(lambda found: _said(message, found[1].split(".")), text)


def _said(message: Any, steps: list[str]) -> str:
    for step in steps:
        if isinstance(message, dict):
            message = message.get(step)
        elif isinstance(message, list) and step.isascii() and step.isdigit() and int(step) < len(message):
            message = message[int(step)]
        else:
            return ""
    if message is None:
        return ""
    said = str(message) if isinstance(message, str | Decimal) else json.dumps(message, ensure_ascii=False, default=str)
    return said[:MOST]
