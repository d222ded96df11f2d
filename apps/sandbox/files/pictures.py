"""Which kind of picture some bytes are, and its size in pixels."""

from __future__ import annotations

import struct

STANDALONE = {0x01, *range(0xD0, 0xDA)}
"""JPEG markers without a length."""
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def read(data: bytes) -> tuple[str, int, int] | None:
    """Media type, width and height; None where the bytes are no picture."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
            return "image/png", *struct.unpack(">II", data[16:24])
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return "image/gif", *struct.unpack("<HH", data[6:10])
        if data[:2] == b"\xff\xd8":
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(data: bytes) -> tuple[str, int, int] | None:
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in STANDALONE:
            at += 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return "image/jpeg", width, height
        at += 2 + length
    return None


def _webp(data: bytes) -> tuple[str, int, int] | None:
    match data[12:16]:
        case b"VP8X":
            wide = 1 + int.from_bytes(data[24:27], "little")
            high = 1 + int.from_bytes(data[27:30], "little")
        case b"VP8L":
            (packed,) = struct.unpack("<I", data[21:25])
            wide, high = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        case b"VP8 ":
            wide, high = (side & 0x3FFF for side in struct.unpack("<HH", data[26:30]))
        case _:
            return None
    return "image/webp", wide, high
