"""Any block with a file in it, as a File. What cannot be read is said by Unreadable."""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from apps.sandbox import tokens
from apps.sandbox.files import papers, pictures, sounds

Kind = Literal["image", "document", "audio"]
Why = Literal["base64", "format", "mismatch", "elsewhere"]

HEAD = 80
SAYS = re.compile(rb"sandbox says: ([^\x00-\x1f]{1,2000})")
PIXELS_PER_TOKEN = 750
MOST_FOR_A_PICTURE = 1600
PER_PAGE = 1500
PER_SECOND = 10


class Unreadable(ValueError):
    """The file is not what it is said to be."""

    def __init__(self, why: Why, told: str = "") -> None:
        super().__init__(told or why)
        self.why = why
        self.told = told


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that was read."""

    kind: Kind
    media_type: str
    name: str
    size: int
    """In bytes."""
    tokens: int
    wide: int = 0
    high: int = 0
    pages: int = 0
    seconds: float = 0.0
    words: str = ""
    """Its first words; of a picture or a sound, the words that a test has hidden in it: `sandbox says: …`."""


def read(block: dict[str, Any]) -> File:
    """The file in an image, document or audio block."""
    source = block["source"]
    if source["type"] == "text":
        return _text(str(block.get("title") or ""), "text/plain", source["data"].encode())
    if source["type"] == "content":
        return _text(str(block.get("title") or ""), "text/plain", _told(source["content"]).encode())
    if source["type"] != "base64":
        raise Unreadable("elsewhere", str(source.get("url") or source.get("file_id") or ""))
    try:
        data = base64.b64decode(source["data"], validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Unreadable("base64") from error
    return of_bytes(block["type"], data, media_type=source["media_type"], name=str(block.get("title") or ""))


def of_bytes(kind: Kind, data: bytes, *, media_type: str, name: str) -> File:
    """The same for bytes that came by themselves."""
    match kind:
        case "image":
            return _picture(data, media_type, name)
        case "audio":
            return _sound(data, name)
        case "document" if media_type == "application/pdf":
            return _paper(data, name)
        case _:
            return _text(name, media_type, data)


def _picture(data: bytes, media_type: str, name: str) -> File:
    found = pictures.read(data)
    if found is None:
        raise Unreadable("format")
    if found[0] != media_type.replace("image/jpg", "image/jpeg"):
        raise Unreadable("mismatch", found[0])
    wide, high = found[1:]
    cost = min(MOST_FOR_A_PICTURE, math.ceil(wide * high / PIXELS_PER_TOKEN))
    size, words = len(data), _hidden(data)
    return File(kind="image", media_type=found[0], name=name, size=size, tokens=cost, wide=wide, high=high, words=words)


def _sound(data: bytes, name: str) -> File:
    found = sounds.read(data)
    if found is None:
        raise Unreadable("format")
    cost = math.ceil(found[1] * PER_SECOND)
    return File(
        kind="audio",
        media_type=found[0],
        name=name,
        size=len(data),
        tokens=cost,
        seconds=round(found[1], 3),
        words=_hidden(data),
    )


def _paper(data: bytes, name: str) -> File:
    found = papers.pdf(data)
    if found is None:
        raise Unreadable("format")
    pages, text = found
    return File(
        kind="document",
        media_type="application/pdf",
        name=name,
        size=len(data),
        tokens=pages * PER_PAGE + tokens.count(text),
        pages=pages,
        words=text[:HEAD] or _hidden(data),
    )


def _text(name: str, media_type: str, data: bytes) -> File:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("format") from error
    words = " ".join(text.split())
    head = words if len(words) <= HEAD else words[:HEAD].rsplit(" ", 1)[0] + "…"
    return File(
        kind="document", media_type=media_type, name=name, size=len(data), tokens=tokens.count(text), words=head
    )


def _hidden(data: bytes) -> str:
    match = SAYS.search(data)
    return match[1].decode("utf-8", "replace").strip() if match else ""


def _told(content: Any) -> str:
    parts = content if isinstance(content, list) else [content]
    return "\n\n".join(part if isinstance(part, str) else str(part.get("text", "")) for part in parts)
