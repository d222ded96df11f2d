"""A frame: a sky, a ground and a figure, in colours that its words decide. Pure: the same words, the same picture."""

from __future__ import annotations

import hashlib
import io
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

SIZES: Final = {"high": (640, 360), "balanced": (480, 270), "fast": (320, 180)}


def frame(
    prompt: str, *, quality: str = "balanced", blur: float = 0.0, size: tuple[int, int] | None = None
) -> Image.Image:
    """Draw what the words come to; with `blur` it is out of focus."""
    width, height = size or SIZES.get(quality, SIZES["balanced"])
    seed = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    picture = Image.new("RGB", (width, height))
    pen = ImageDraw.Draw(picture)
    horizon = height * (45 + seed[0] % 25) // 100
    for row in range(height):
        light = row / height
        shade = seed[1:4] if row < horizon else seed[4:7]
        pen.line((0, row, width, row), fill=tuple(int(one * (0.35 + 0.55 * light)) for one in shade))
    _figures(pen, seed, width=width, height=height, horizon=horizon)
    return picture.filter(ImageFilter.GaussianBlur(blur)) if blur > 0 else picture


def _figures(pen: ImageDraw.ImageDraw, seed: bytes, *, width: int, height: int, horizon: int) -> None:
    for place in range(6):
        byte = seed[8 + place]
        left, tall = width * place // 6 + byte % 30, height // 6 + byte % (height // 4)
        fill, edge = tuple(seed[14 + place : 17 + place]), (250, 250, 250) if byte % 2 else (10, 10, 10)
        pen.rectangle((left, horizon - tall, left + width // 9, horizon), fill=fill, outline=edge, width=2)
    size = height // 8
    x, y = width * (20 + seed[28] % 60) // 100, horizon - size
    pen.ellipse((x, y, x + size, y + 2 * size), fill=tuple(seed[29:32]), outline=(255, 255, 255), width=2)


def png(picture: Image.Image) -> bytes:
    """The file."""
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    """The first picture of a file. Raise OSError for what is none."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture.convert("RGB")
