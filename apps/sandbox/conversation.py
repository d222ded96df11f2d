"""Any request body, valid or not, as a plain conversation: what scenarios and the journal look at.

It reads the three shapes on the wire alike: Anthropic messages, OpenAI chat messages, OpenAI Responses items.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["system", "user", "assistant", "tool"]

SPOKEN_BY: dict[object, Side] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
ITEMS: dict[object, Side] = {
    "function_call": "assistant",
    "reasoning": "assistant",
    "function_call_output": "tool",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One side's words. A `tool` side brings results."""

    side: Side
    text: str
    results: tuple[str, ...] = ()


def read(body: object) -> tuple[Said, ...]:
    """The conversation in `body`, system first. What cannot be read is left out."""
    if not isinstance(body, dict):
        return ()
    opening = [
        Said(side="system", text=text) for name in ("system", "instructions") if (text := text_of(body.get(name)))
    ]
    given = body.get("messages", body.get("input"))
    if isinstance(given, str):
        return (*opening, Said(side="user", text=given))
    entries = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return (*opening, *map(_said, entries))


def text_of(content: object) -> str:
    """The plain text of any `content`: a string, or the parts of a list that have a text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") in TEXTUAL]
    return "\n\n".join(text for text in texts if isinstance(text, str))


MAGIC = "[[sandbox:"
"""How a script begins that stands in a text: `[[sandbox: {…}]]`."""
TEXTUAL = ("text", "input_text", "output_text")


def split(text: str) -> tuple[str, object, str]:
    """What stands before a script in a text, the script, and what stands behind it. ValueError if it is no JSON."""
    before, _, rest = text.partition(MAGIC)
    script, end = json.JSONDecoder().raw_decode(rest.lstrip())
    return before, script, rest.lstrip()[end:].lstrip().removeprefix("]]")


def without_script(text: str) -> str:
    """The text as its author would have said it to anybody else."""
    if MAGIC not in text:
        return text
    try:
        before, _, after = split(text)
    except ValueError:
        return text
    return f"{before.rstrip()} {after.lstrip()}".strip()


def prompt(said: Iterable[Said]) -> str:
    """All of its text, in order."""
    return "\n\n".join(one.text for one in said if one.text)


def last_words(said: Sequence[Said]) -> str:
    """What the user said last."""
    return next((one.text for one in reversed(said) if one.side == "user" and one.text.strip()), "")


def turns_since(said: Sequence[Said], marks: Sequence[str]) -> int:
    """How often the assistant has had its turn since the user last said one of `marks` (all of it, without marks).

    Calls, thoughts and words that follow each other without an answer between them are one turn.
    """
    begin = 0
    for number, one in enumerate(said):
        if one.side == "user" and any(mark in one.text for mark in marks):
            begin = number + 1
    sides = [one.side for one in said[begin:]]
    return sum(
        side == "assistant" and (number == 0 or sides[number - 1] != "assistant") for number, side in enumerate(sides)
    )


def results(said: Sequence[Said]) -> list[str]:
    """What tools have answered, oldest first."""
    return [result for one in said for result in one.results]


def _said(entry: dict[str, Any]) -> Said:
    kind = entry.get("type", "message")
    if kind in ITEMS:
        output = text_of(entry.get("output"))
        return Said(side=ITEMS[kind], text="", results=(output,) if kind == "function_call_output" else ())
    content = entry.get("content")
    side = SPOKEN_BY.get(entry.get("role"), "user")
    if side == "tool":
        return Said(side="tool", text="", results=(text_of(content),))
    found: tuple[str, ...] = tuple(
        text_of(block.get("content"))
        for block in (content if isinstance(content, list) else ())
        if isinstance(block, dict) and block.get("type") == "tool_result"
    )
    return Said(
        side="tool" if found and side == "user" and not text_of(content) else side, text=text_of(content), results=found
    )


def tools(body: dict[str, Any]) -> frozenset[str]:
    """The names of the tools that a request offers."""
    offered = body.get("tools")
    found = [tool for tool in offered if isinstance(tool, dict)] if isinstance(offered, list) else []
    named = [tool.get("name") or (tool.get("function") or {}).get("name") for tool in found]
    return frozenset(name for name in named if isinstance(name, str))
