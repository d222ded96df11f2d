"""Small real files for tests: pictures, sound and papers, byte by byte. `says` hides words for the sandbox in them."""

from __future__ import annotations

import base64
import struct
import zlib

MARK = "sandbox says: "


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{in_base64(data)}"


def png(wide: int = 64, high: int = 48, *, says: str = "") -> bytes:
    rows = b"".join(b"\x00" + b"\x7f" * wide for _ in range(high))
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if says:
        chunks.insert(1, (b"tEXt", b"Comment\x00" + f"{MARK}{says}\n".encode()))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def gif(wide: int = 64, high: int = 48) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", wide, high, 0, 0, 0) + b"\x3b"


def jpeg(wide: int = 64, high: int = 48) -> bytes:
    """The head of a JPEG: enough for everybody who asks only how large it is."""
    frame = struct.pack(">BHHB", 8, high, wide, 1) + b"\x01\x11\x00"
    app = b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return b"\xff\xd8" + _segment(0xE0, app) + _segment(0xC0, frame) + b"\xff\xd9"


def webp(wide: int = 64, high: int = 48) -> bytes:
    body = b"\x00" * 4 + (wide - 1).to_bytes(3, "little") + (high - 1).to_bytes(3, "little")
    inner = b"WEBPVP8X" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def wav(seconds: float = 0.5, *, says: str = "", rate: int = 8000) -> bytes:
    sound = b"\x80" * round(seconds * rate)
    parts = [(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, rate, 1, 8)), (b"data", sound)]
    if says:
        comment = f"{MARK}{says}".encode() + b"\x00"
        parts.append((b"LIST", b"INFOICMT" + struct.pack("<I", len(comment)) + _even(comment)))
    inner = b"WAVE" + b"".join(name + struct.pack("<I", len(data)) + _even(data) for name, data in parts)
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def ogg(seconds: float = 0.5, *, says: str = "") -> bytes:
    """Two pages of Opus, as voice messages are sent: the last one says how long it was."""
    tags = b"OpusTags" + f"{MARK}{says}".encode() + b"\x00"
    head = b"OggS\x00\x02" + struct.pack("<q", 0) + b"\x00" * 13 + b"OpusHead"
    return head + b"OggS\x00\x04" + struct.pack("<q", round(seconds * 48_000)) + b"\x00" * 13 + tags


def pdf(*pages: str) -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count %d >>" % len(pages)]
    for text in pages:
        shown = zlib.compress(f"BT ({text}) Tj ET".encode("latin-1"))
        objects.append(b"<< /Type /Page /Parent 2 0 R >>")
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(shown) + shown + b"\nendstream")
    body = b"".join(b"%d 0 obj\n" % number + one + b"\nendobj\n" for number, one in enumerate(objects, start=1))
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def _even(data: bytes) -> bytes:
    return data + b"\x00" * (len(data) % 2)
