"""Counting tokens: an estimate that is always the same, for text and for whole requests.

A word costs one token per six letters, a mark or a Chinese character costs one. The sums are those of
`count_tokens` and of `usage` alike, so what was quoted before a call is what is reported after it.
"""

from __future__ import annotations

import json
import re
from typing import Any

PIECE = re.compile(r"[A-Za-z0-9]{1,6}|[^\sA-Za-z0-9]")

PER_REQUEST = 4
PER_MESSAGE = 3
PER_IMAGE = 1200


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


def of_request(body: dict[str, Any]) -> int:
    """How many input tokens a request body costs: system, messages, tools and requested format."""
    total = PER_REQUEST + _of_content(body.get("system"))
    for message in body.get("messages", ()):
        total += PER_MESSAGE + _of_content(message.get("content"))
    for tool in body.get("tools") or ():
        total += count(_json(tool))
    wanted = (body.get("output_config") or {}).get("format")
    return total + (count(_json(wanted)) if wanted else 0)


def _of_content(content: object) -> int:
    if isinstance(content, str):
        return count(content)
    if not isinstance(content, list):
        return 0
    return sum(_of_block(block) for block in content if isinstance(block, dict))


def _of_block(block: dict[str, Any]) -> int:
    match block.get("type"):
        case "text":
            return count(str(block.get("text", "")))
        case "thinking":
            return count(str(block.get("thinking", "")))
        case "tool_use":
            return count(str(block.get("name", ""))) + count(_json(block.get("input", {})))
        case "tool_result":
            return _of_content(block.get("content"))
        case "image" | "document":
            return PER_IMAGE
        case _:
            return count(_json(block))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
