"""Sections become one Markdown document; a document gets a file name. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .language import Language

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
_CAME_WITH: dict[Language, str] = {"en": "What came with the request", "zh-Hans": "随需求提供的材料"}
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section, as its task wrote it."""

    title: str
    text: str


def assemble(
    *,
    title: str,
    summary: str,
    parts: Sequence[Part],
    came_with: Sequence[str] = (),
    language: Language = "en",
) -> str:
    """Join the parts, in their order, under one title: the same parts give the same document.

    A closing paragraph that every part ends with (a signature, a notice) is kept once, at the end, behind a list of
    what came with the request.
    """
    bodies = [_under(part) for part in parts]
    closing = _shared_closing(bodies)
    material = "\n".join(f"- {_flat(line)}" for line in came_with)
    blocks = [f"# {title}", summary]
    for part, body in zip(parts, bodies, strict=True):
        blocks += [f"## {part.title}", body.removesuffix(closing).rstrip()]
    blocks += [f"## {_CAME_WITH[language]}", material] if material else []
    blocks.append(closing)
    return "\n\n".join(block for block in blocks if block) + "\n"


def file_name(title: str) -> str:
    """A file name for what `title` names: its first words, in any script, and nothing a file system minds."""
    normal = unicodedata.normalize("NFKC", title).lower()
    words = re.findall(r"\w+", normal.replace("_", " "))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:60]
        if len(longer) > 60:
            break
        slug = longer
    return f"{slug or 'deliverable'}.md"


def _shared_closing(bodies: Sequence[str]) -> str:
    last = {body.rpartition("\n\n")[2] for body in bodies if "\n\n" in body}
    shared = last.pop() if len(last) == 1 else ""
    return shared if len(bodies) > 1 and all(body.endswith(f"\n\n{shared}") for body in bodies) else ""


def _under(part: Part) -> str:
    """The part's text without its own copy of the title, its headings moved below ours."""
    lines = part.text.strip().splitlines()
    if lines and _bare(lines[0]) == part.title.casefold():
        lines = lines[1:]
    return "\n".join(_demoted(lines)).strip()


def _flat(line: str) -> str:
    return " ".join(line.split())


def _bare(line: str) -> str:
    heading = _HEADING.fullmatch(line.strip())
    return (heading[2] if heading else line).strip().strip("*").casefold()


def _demoted(lines: Iterable[str]) -> Iterable[str]:
    """Headings start at the third level; what stands in a code fence is no heading."""
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and line.strip() == mark[1]:
            fence = ""
        heading = None if fence else _HEADING.fullmatch(line)
        if heading and len(heading[1]) < 3:
            yield f"### {heading[2]}"
        else:
            yield line
