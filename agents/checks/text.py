"""Text that must, or must not, be in the result: in any case, and any spacing. Pure."""

from __future__ import annotations

from typing import Any

from .result import PASS, Check, Material, Result, failed
from .words import say

FIELDS: dict[str, Any] = {"text": {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": r"\S"}}
REQUIRED = ("text",)


def is_there(check: Check, material: Material) -> Result:
    """required."""
    is_found = _folded(check["text"]) in _folded(material.text)
    return PASS if is_found else failed(say("required", material.spoken, check["text"]))


def is_absent(check: Check, material: Material) -> Result:
    """forbidden."""
    is_found = _folded(check["text"]) in _folded(material.text)
    return failed(say("forbidden", material.spoken, check["text"])) if is_found else PASS


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
