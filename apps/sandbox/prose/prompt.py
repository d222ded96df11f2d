"""The blocks of a prompt. What is not marked is taken as the request."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import cached_property

TAGS = ("request", "brief", "section", "inputs", "criteria", "draft", "feedback")
OPENING = re.compile(rf"<({'|'.join(TAGS)})((?:\s[^<>]*)?)>")
TASK = re.compile(r"""<task\b[^<>]*?\bkind\s*=\s*["']?([\w-]+)""")
TASK_TAGS = re.compile(r"</?task\b[^<>]*>")
INSTRUCTION = re.compile(r"<task\b[^<>]*[^/<>]>(.*?)</task>", re.DOTALL)
ESCAPED = re.compile(r"&lt;(?=\s*/?\s*(?:task|request|brief|section|inputs?|criteria|draft|feedback)\b)")
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
CHILD = re.compile(r"<(input|output|section|task|item|part|piece|result|document)((?:\s[^<>]*)?)>(.*?)</\1>", re.DOTALL)
BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)]|\[[ x]\])\s*(?:\[[ x]\]\s*)?")

KINDS = {
    "write": "section",
    "compose": "section",
    "judge": "review",
    "check": "review",
    "qa": "review",
    "merge": "assemble",
    "join": "assemble",
    "fix": "revise",
    "analyse": "research",
    "analyze": "research",
    "answer": "chat",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One earlier output, or any block with a title."""

    title: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What a prompt says, block by block. Blocks that are not there are empty."""

    kind: str
    request: str
    instruction: str = ""
    brief: str = ""
    section: Piece | None = None
    inputs: tuple[Piece, ...] = ()
    criteria: tuple[str, ...] = ()
    draft: str | None = None
    feedback: str = ""

    @cached_property
    def about(self) -> str:
        """What the work is about: the request, or the nearest thing to it."""
        return self.request or self.brief or (self.section.title if self.section else "") or "the request"


def read(text: str, *, kind: str | None = None) -> Prompt:
    """Read a prompt. `kind` is what the caller knows otherwise; the prompt's own word goes first."""
    named = TASK.search(text)
    told = INSTRUCTION.search(text)
    blocks, rest = _blocks(TASK_TAGS.sub("", text))
    found = (named.group(1) if named else kind or "chat").lower().replace("-", "_")
    section = blocks.get("section")
    return Prompt(
        kind=KINDS.get(found, found),
        request=_text(blocks, "request") or ("" if blocks else rest),
        instruction=told.group(1).strip() if told else "",
        brief=_text(blocks, "brief"),
        section=Piece(title=section.title, text=_plain(section.text)) if section else None,
        inputs=_pieces(blocks["inputs"].text) if "inputs" in blocks else (),
        criteria=tuple(_lines(_text(blocks, "criteria"))),
        draft=_text(blocks, "draft") if "draft" in blocks else None,
        feedback=_text(blocks, "feedback"),
    )


def _blocks(text: str) -> tuple[dict[str, Piece], str]:
    """The blocks at the top level, first of each name, and what lies between them."""
    found: dict[str, Piece] = {}
    rest, at = [], 0
    while opening := OPENING.search(text, at):
        name = opening.group(1)
        end = _closing(text, name, opening.end())
        if end is None:
            rest.append(text[at : opening.end()])
            at = opening.end()
            continue
        rest.append(text[at : opening.start()])
        title = _title(opening.group(2))
        found.setdefault(name, Piece(title=title, text=text[opening.end() : end].strip()))
        at = end + len(f"</{name}>")
    rest.append(text[at:])
    return found, "".join(rest).strip()


def _closing(text: str, name: str, start: int) -> int | None:
    """Where the block that opens before `start` is closed, blocks of its own name inside it passed over."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?:\s[^<>]*)?>").finditer(text, start):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            return tag.start()
    return None


def _title(attributes: str) -> str:
    named = {key: one or two for key, one, two in ATTRIBUTE.findall(attributes)}
    return html.unescape(named.get("title") or named.get("name") or named.get("key") or "").strip()


def _text(blocks: dict[str, Piece], name: str) -> str:
    return _plain(blocks[name].text) if name in blocks else ""


def _plain(text: str) -> str:
    """The text as it was before it was kept from closing its own block."""
    return ESCAPED.sub("<", text)


def _pieces(text: str) -> tuple[Piece, ...]:
    """The earlier outputs: one per child element, or per key of a JSON object, or the whole as one."""
    children = [
        Piece(title=_title(attributes), text=_plain(inner).strip())
        for _, attributes, inner in CHILD.findall(text)
        if inner.strip()
    ]
    if children:
        return tuple(children)
    text = _plain(text)
    try:
        data = json.loads(text)
    except ValueError:
        return (Piece(title="", text=text),) if text.strip() else ()
    if not isinstance(data, dict):
        return (Piece(title="", text=text),)
    return tuple(Piece(title=str(key), text=_said(value)) for key, value in data.items())


def _said(value: object) -> str:
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _lines(text: str) -> list[str]:
    return [line for line in (BULLET.sub("", raw).strip() for raw in text.splitlines()) if line]
