"""Fenced blocks and sections of a Markdown text. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"\s{0,3}(?P<mark>`{3,}|~{3,})\s*(?P<word>[\w+#.-]*)[^`]*")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
_NOTHING = object()


@dataclass(frozen=True, kw_only=True)
class Block:
    """What stands in one fence."""

    language: str
    text: str


def fenced(text: str) -> list[Block]:
    """Every fenced block, in order; one that is not closed ends with the text."""
    return [Block(language=word, text="\n".join(lines)) for word, lines, is_code in _runs(text) if is_code]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return "\n".join(line for _, lines, is_code in _runs(text) if not is_code for line in lines)


def section(text: str, title: str) -> str | None:
    """What stands under the heading `title`, down to the next heading of its level or above; None without it."""
    wanted, level, kept = " ".join(title.split()).casefold(), 0, []
    for _, lines, is_code in _runs(text):
        if is_code:
            kept += ["```", *lines, "```"] if level else []
            continue
        for line in lines:
            heading = _HEADING.fullmatch(line.strip())
            if heading and level and len(heading[1]) <= level:
                return "\n".join(kept)
            if level:
                kept.append(line)
            elif heading and " ".join(heading[2].split()).casefold() == wanted:
                level = len(heading[1])
    return "\n".join(kept) if level else None


def json_of(text: str) -> tuple[bool, Any]:
    """Whether there is JSON, and what it says: the whole text, or the first block that is marked as JSON."""
    marked = [block.text for block in fenced(text) if block.language in ("json", "jsonc")]
    for candidate in (text, *marked[:1]):
        if (found := _parsed(candidate)) is not _NOTHING:
            return True, found
    return False, None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


def _runs(text: str) -> Iterator[tuple[str, list[str], bool]]:
    """The text as runs of lines: the word of the fence, the lines, and whether they stand in one."""
    mark, word, lines = "", "", list[str]()
    for line in text.splitlines():
        fence = _FENCE.fullmatch(line)
        if not mark and fence:
            yield "", lines, False
            mark, word, lines = fence["mark"], fence["word"].casefold(), []
        elif mark and line.strip() and not line.strip().strip(mark[0]) and len(line.strip()) >= len(mark):
            yield word, lines, True
            mark, lines = "", []
        else:
            lines.append(line)
    yield word, lines, bool(mark)
