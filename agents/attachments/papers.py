"""PDF and plain text: which of the two some bytes are, if either. Pure."""

from __future__ import annotations

import re

TAIL = 1024
"""Bytes that may follow the last mark of a PDF: more is another file behind it."""
_MARKUP = re.compile(
    r"\A\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!doctype\s+svg|<svg[\s>])", re.IGNORECASE | re.DOTALL
)
_UNSEEN = frozenset(map(chr, {*range(32), 127} - {9, 10, 12, 13}))


def is_pdf(data: bytes) -> bool:
    """Whether this is a PDF from its first byte to its last, and nothing else."""
    end = data.rfind(b"%%EOF")
    return data.startswith(b"%PDF-") and end > 0 and len(data) - end - 5 <= TAIL


def text_of(data: bytes) -> str | None:
    """The text that this is; None where it is none: another alphabet than UTF-8, or signs that nobody can read."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if not text.strip() or not _UNSEEN.isdisjoint(text) else text


def is_drawing(text: str) -> bool:
    """Whether this text is a picture made of text, which may hold scripts and ask other machines for things."""
    return _MARKUP.match(text) is not None
