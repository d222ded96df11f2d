"""The envelope of a prompt: what we ask stands outside, what others wrote stands in marked blocks. Pure.

A block's text cannot leave its block: whatever looks like one of our marks inside it is escaped, opening or closing.
Nothing else is touched, so that code and HTML in a request stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MARKS = ("task", "request", "brief", "section", "inputs", "input", "criteria", "draft", "feedback")

_LOOKS_LIKE_A_MARK = re.compile(rf"<(?=\s*/?\s*(?:{'|'.join(MARKS)})\b)", re.IGNORECASE)


def compose(
    kind: str,
    *,
    instruction: str = "",
    request: str = "",
    brief: str = "",
    section: tuple[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    criteria: Sequence[str] = (),
    draft: str = "",
    feedback: Sequence[str] = (),
) -> str:
    """A prompt for a task of that kind. `section` is a title and a focus; `inputs` are titles and texts."""
    blocks = [f'<task kind="{_attribute(kind)}">\n{instruction}\n</task>']
    blocks += [_block("request", request), _block("brief", brief)]
    blocks += [_section(*section)] if section else []
    blocks += [_inputs(inputs)] if inputs else []
    blocks += [_block("criteria", _points(criteria)), _block("draft", draft), _block("feedback", _points(feedback))]
    return "\n\n".join(block for block in blocks if block)


def request(text: str) -> str:
    """What somebody asks for, in its block."""
    return _block("request", text)


def quoted(title: str, text: str) -> str:
    """What somebody else has said, in a block under its title."""
    return _inputs({title: text})


def fence(text: str) -> str:
    """The text, unable to open or close a block."""
    return _LOOKS_LIKE_A_MARK.sub("&lt;", text)


def _block(mark: str, text: str) -> str:
    return f"<{mark}>\n{fence(text)}\n</{mark}>" if text.strip() else ""


def _section(title: str, focus: str) -> str:
    return f'<section title="{_attribute(title)}">\n{fence(focus)}\n</section>'


def _inputs(inputs: Mapping[str, str]) -> str:
    pieces = [f'<input title="{_attribute(title)}">\n{fence(text)}\n</input>' for title, text in inputs.items()]
    return "\n".join(["<inputs>", *pieces, "</inputs>"])


def _points(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _attribute(text: str) -> str:
    flat = " ".join(text.split())
    return flat.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
