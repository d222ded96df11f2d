"""HTML and MarkdownV2 as Telegram reads them: plain text and entities, or the sentence that refuses it. Pure."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

TAG = re.compile(r"<(/?)([A-Za-z0-9-]*)([^<>]*)(>?)")
KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
RESERVED = set("[]()>#+-=|{}.!")


class Unreadable(ValueError):
    """The text cannot be parsed; the message is Telegram's, without its prefix."""


def units(text: str) -> int:
    """How long Telegram takes a text to be: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The text as it is shown, and its entities. Raise Unreadable."""
    match mode.lower():
        case "":
            return text, []
        case "html":
            return _html(text)
        case "markdownv2":
            return _markdown(text)
        case _:
            raise Unreadable(f"unsupported parse_mode {mode}")


def _html(text: str) -> tuple[str, list[dict[str, Any]]]:
    shown, entities, open_tags, place = "", [], [], 0
    for tag in TAG.finditer(text):
        shown += unescape(text[place : tag.start()])
        at, name = len(text[: tag.start()].encode()), tag[2].lower()
        if not tag[4] or name not in KINDS:
            raise Unreadable(f'Unsupported start tag "{name}" at byte offset {at}')
        if not tag[1]:
            open_tags.append((name, units(shown), at, tag[3]))
        elif not open_tags or open_tags[-1][0] != name:
            raise Unreadable(f"Unmatched end tag at byte offset {at}")
        else:
            _, begin, _, more = open_tags.pop()
            entities.append(_entity(KINDS[name], begin, shown, more))
        place = tag.end()
    if open_tags:
        name, _, at, _ = open_tags[-1]
        raise Unreadable(f'Can\'t find end tag corresponding to start tag "{name}" at byte offset {at}')
    return shown + unescape(text[place:]), entities


def _entity(kind: str, begin: int, shown: str, more: str = "") -> dict[str, Any]:
    link = re.search(r'href="([^"]*)"', more)
    address = {"url": unescape(link[1])} if kind == "text_link" and link else {}
    return {"type": kind, "offset": begin, "length": units(shown) - begin, **address}


def _markdown(text: str) -> tuple[str, list[dict[str, Any]]]:
    shown, entities, place = "", [], 0
    marks: list[tuple[str, int, int]] = []
    while place < len(text):
        sign, at = text[place], len(text[:place].encode())
        if sign == "\\" and place + 1 < len(text):
            shown, place = shown + text[place + 1], place + 2
            continue
        if sign == "`":
            fence = "```" if text.startswith("```", place) else "`"
            end = text.find(fence, place + len(fence))
            if end < 0:
                raise Unreadable(f"Can't find end of Code entity at byte offset {at}")
            begin, shown = units(shown), shown + text[place + len(fence) : end]
            entities.append(_entity("pre" if len(fence) > 1 else "code", begin, shown))
            place = end + len(fence)
            continue
        mark = next((one for one in ("__", "||", "*", "_", "~") if text.startswith(one, place)), "")
        if not mark:
            if sign in RESERVED:
                raise Unreadable(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")
            shown, place = shown + sign, place + 1
            continue
        if marks and marks[-1][0] == mark:
            entities.append(_entity(MARKS[mark], marks.pop()[1], shown))
        else:
            marks.append((mark, units(shown), at))
        place += len(mark)
    if marks:
        raise Unreadable(f"Can't find end of {MARKS[marks[-1][0]].capitalize()} entity at byte offset {marks[-1][2]}")
    return shown, entities
