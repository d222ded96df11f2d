"""Counting tokens: an estimate that is always the same.

A word costs one token per six letters, a mark or a Chinese character costs one. What a whole request costs, files
and tools included, is in costs.py.
"""

from __future__ import annotations

import re

PIECE = re.compile(r"[A-Za-z0-9]{1,6}|[^\sA-Za-z0-9]")


def count(text: str) -> int:
    """How many tokens `text` costs."""
    return len(PIECE.findall(text))


def prefix(text: str, limit: int) -> str:
    """The longest beginning of `text` that costs at most `limit` tokens."""
    if limit <= 0:
        return ""
    if len(text) <= limit:
        return text
    for number, piece in enumerate(PIECE.finditer(text), start=1):
        if number > limit:
            return text[: piece.start()].rstrip()
    return text
