"""How many pages a PDF has, and the words in it, as far as they lie open or merely deflated."""

from __future__ import annotations

import re
import zlib

PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*(?:Tj|')")
MOST = 4 * 1024 * 1024


def pdf(data: bytes) -> tuple[int, str] | None:
    """Pages and text; None where the bytes are no PDF."""
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        return None
    pages = max(1, len(PAGE.findall(data)))
    shown = [text for stream in STREAM.findall(data) for text in SHOWN.findall(_inflated(stream))]
    words = b" ".join(re.sub(rb"\\(.)", rb"\1", text) for text in shown)
    return pages, " ".join(words.decode("latin-1").split())


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream, MOST)
    except zlib.error:
        return stream
