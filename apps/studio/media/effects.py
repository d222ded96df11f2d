"""Another light over a picture. Pure."""

from __future__ import annotations

from PIL import Image, ImageEnhance

FADES = 0.15
"""The part of a film in which it comes out of the dark, and goes back."""


def lit(picture: Image.Image, words: str, *, at: float) -> Image.Image:
    """Warmer, colder or without colour where the words say so; from the dark and into it at the ends."""
    said = words.lower()
    if "black and white" in said or "grey" in said or "黑白" in said:
        picture = ImageEnhance.Color(picture).enhance(0.0)
    elif "warm" in said or "暖" in said:
        picture = _tinted(picture, (255, 190, 120))
    elif "cold" in said or "冷" in said:
        picture = _tinted(picture, (120, 170, 255))
    light = min(1.0, 0.3 + 0.7 * min(at, 1 - at) / FADES)
    return ImageEnhance.Brightness(picture).enhance(light)


def _tinted(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    return Image.blend(picture, Image.new("RGB", picture.size, colour), 0.18)
