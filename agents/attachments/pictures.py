"""Pictures: decoded, turned the right way up, and written anew. What was not pixels is gone afterwards."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from agents.attachments.errors import AttachmentRefused

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MOST_PIXELS = 50_000_000
"""A photo of any phone; decoded, 150 MB."""
LONGEST_SIDE = 2000
"""Larger ones are made smaller: models look at no more, and refuse more where there are many pictures."""
LARGEST = 3_500_000
"""Bytes of a picture as it is kept: within 5 MB as base64, the most that every provider takes."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Decoded pictures are large: a process has this many in its hands at a time."""
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as it is kept. Width and height are those it was sent with."""

    media_type: str
    data: bytes
    width: int
    height: int


def written_anew(data: bytes) -> Picture | None:
    """The picture in `data`; None where it is none; AttachmentRefused for one that is too large or broken."""
    with _AT_ONCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is checked here, or does not matter
        try:
            picture = Image.open(BytesIO(data), formats=FORMATS)
        except Image.DecompressionBombError:
            raise _too_large() from None
        except Exception:  # noqa: BLE001  # its parsers raise whatever they stumble over
            return None
        width, height = picture.size
        if width * height > MOST_PIXELS:
            raise _too_large()
        try:
            return _anew(picture, width, height)
        except Exception as error:
            raise AttachmentRefused("The picture is broken", reason="broken") from error


def _too_large() -> AttachmentRefused:
    return AttachmentRefused(f"A picture has at most {MOST_PIXELS} pixels", reason="too_many_pixels")


def _anew(picture: Image.Image, width: int, height: int) -> Picture:
    kind = picture.format if picture.format in _MEDIA_TYPES else "PNG"
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than it will be looked at
    picture.load()
    upright = ImageOps.exif_transpose(picture)
    if (upright.width > upright.height) != (width > height):
        width, height = height, width
    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = _bytes(upright, str(kind))
    if len(kept) > LARGEST:
        kind, kept = "JPEG", _bytes(upright, "JPEG")
    return Picture(media_type=_MEDIA_TYPES[str(kind)], data=kept, width=width, height=height)


def _bytes(picture: Image.Image, kind: str) -> bytes:
    if kind == "JPEG" and picture.mode != "RGB":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = BytesIO()
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # pixels only: no profile, no comment, no place it was taken at
    clean.save(out, kind, quality=88)
    return out.getvalue()
