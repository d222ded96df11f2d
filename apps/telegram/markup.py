"""Text for Telegram: escaped, cut and split, measured in UTF-16 as Telegram does. Pure."""

from __future__ import annotations

import re
from html import escape, unescape

LONGEST = 4096
"""UTF-16 units of one message, tags not counted."""
NO_TEXT = re.compile("[\0\ud800-\udfff]")
TAG = re.compile(r"</?[a-z]+>")


def units(text: str) -> int:
    """How long Telegram takes a text to be."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def whole(text: str) -> str:
    """Without NUL and halves of pairs, which neither Postgres nor Telegram takes."""
    return NO_TEXT.sub("", text)


def safe(text: str) -> str:
    """Text that may stand in HTML."""
    return escape(whole(text), quote=False)


def plain(html: str) -> str:
    """The same without its tags."""
    return unescape(TAG.sub("", html))


def cut(text: str, most: int) -> str:
    """At most so many units; what is left out is said by an ellipsis."""
    if units(text) <= most:
        return text
    return _first(text, most - 1).rstrip() + "…"


def split(text: str, most: int = LONGEST) -> list[str]:
    """In pieces of at most so many units, on line breaks where there are any; blank pieces are left out."""
    pieces: list[str] = []
    while units(text) > most:
        piece = _first(text, most)
        # A line break late in the piece is a good place; an early one would make many small messages.
        place = piece.rfind("\n", len(piece) // 4)
        if place < 0:
            place = piece.rfind(" ", len(piece) // 2)
        end = place + 1 if place > 0 else len(piece)
        pieces.append(text[:end])
        text = text[end:]
    return [piece.strip("\n") for piece in [*pieces, text] if piece.strip()]


def _first(text: str, most: int) -> str:
    """As many signs as fit; a pair is not cut in two."""
    taken = text[:most]
    while units(taken) > most:
        taken = taken[: -max(1, (units(taken) - most + 1) // 2)]
    return taken
