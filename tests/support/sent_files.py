"""Pictures, sounds and papers, made byte by byte."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image


def png(width: int = 64, height: int = 48, color: str = "teal") -> bytes:
    """A picture."""
    return encoded(Image.new("RGB", (width, height), color), "PNG")


def jpeg(width: int = 64, height: int = 48, *, turned: bool = False, placed: bool = False) -> bytes:
    """A photo; `turned` by its EXIF, `placed` on the map by it."""
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6
    if placed:
        exif.get_ifd(0x8825)[2] = (47.0, 22.0, 0.0)
        exif[0x010E] = "taken at home"
    return encoded(Image.new("RGB", (width, height), "navy"), "JPEG", exif=exif)


def encoded(picture: Image.Image, kind: str, **given: object) -> bytes:
    """A picture as a file."""
    out = BytesIO()
    picture.save(out, kind, **given)
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG that says it is enormous."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def wav(seconds: float = 2.0, *, says: str = "", rate: int = 8_000, byte_rate: int | None = None) -> bytes:
    """A recording; the sandbox hears what it `says`."""
    heard = f"sandbox says: {says}\0".encode() if says else b""
    sound = heard.ljust(int(seconds * rate) * 2, b"\0")
    form = struct.pack("<HHIIHH", 1, 1, rate, byte_rate or rate * 2, 2, 16)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def pdf(behind: bytes = b"\n") -> bytes:
    """A paper of one page."""
    return b"%PDF-1.4\n1 0 obj\n<</Type /Page>>\nendobj\ntrailer\n<<>>\n%%EOF" + behind
