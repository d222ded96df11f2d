"""Server-sent events, and text cut into pieces for them."""

from __future__ import annotations

import json
import re
from typing import Any

MOST = 48
SHORTEST = 24

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def event(name: str, data: dict[str, Any]) -> bytes:
    """One named event on the wire."""
    return f"event: {name}\ndata: {ENCODER.encode(data)}\n\n".encode()


def unnamed(data: dict[str, Any]) -> bytes:
    """One event that is data alone."""
    return f"data: {ENCODER.encode(data)}\n\n".encode()


def pieces(text: str) -> list[str]:
    """Cut text into deltas at the ends of words: lively to watch, few enough to be cheap."""
    size = max(SHORTEST, -(-len(text) // MOST))
    # Up to `size` characters and the space behind them; where there is no space (Chinese), `size` characters.
    return re.findall(rf"(?s).{{1,{size}}}(?:\s+|\Z)|.{{{size}}}", text)
