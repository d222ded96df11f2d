"""How many pages a PDF has at most, without reading it. Pure.

Pages are objects of type /Page. They stand in the file as they are, or packed into object streams. Where a stream
cannot be unpacked, or the file is locked, the answer is the most that a provider takes.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

MOST_PAGES = 600
"""What Anthropic takes in one request; others take fewer."""
UNPACKED_AT_MOST = 16 * 1024 * 1024
"""Bytes. A stream that unpacks to more was not made by a printer."""

_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_COUNT = re.compile(rb"/Count\s+(\d{1,9})(?!\d)")
_PACKED = re.compile(rb"/Type\s*/ObjStm(?:(?!endobj).){0,2000}?stream\r?\n", re.DOTALL)


def pages_at_most(data: str) -> int:
    """Pages of this file (base64), or MOST_PAGES where that cannot be told."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return MOST_PAGES
    if b"/Encrypt" in raw:
        return MOST_PAGES
    found = [raw]
    for packed in _PACKED.finditer(raw):
        unpacked = _unpacked(raw[packed.end() :])
        if unpacked is None:
            return MOST_PAGES
        found.append(unpacked)
    seen = sum(len(_PAGE.findall(part)) for part in found)
    said = max((int(count) for part in found for count in _COUNT.findall(part)), default=0)
    return min(max(seen, said), MOST_PAGES) or MOST_PAGES


def _unpacked(packed: bytes) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(packed, UNPACKED_AT_MOST)
    except zlib.error:
        return None
    return out if unpacker.eof else None
