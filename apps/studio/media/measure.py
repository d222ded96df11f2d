"""What a file is, read from the file itself: nothing here is guessed. Pure. OSError or ValueError for what is none."""

from __future__ import annotations

import array
import io
import math
import wave
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageStat

from . import clip, draw

SMALL = (64, 36)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture."""

    width: int
    height: int
    bytes: int
    sharpness: float
    """How much its edges stand out; a picture out of focus is below 100."""
    brightness: float
    colour: str
    """Its mean, as #rrggbb."""

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Clip:
    """Moving pictures."""

    width: int
    height: int
    bytes: int
    frames: int
    seconds: float
    likeness: float
    """Of the two neighbours that are least alike, from 0 to 1."""
    moves: bool

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A sound."""

    seconds: float
    rate: int
    bytes: int
    loudness: float
    """Root of the mean square, from 0 to 1."""
    peak: float

    def wire(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def picture(data: bytes) -> Picture:
    """Read a picture."""
    found = draw.read(data)
    red, green, blue = (round(one) for one in ImageStat.Stat(found).mean)
    return Picture(
        width=found.width, height=found.height, bytes=len(data), sharpness=round(sharpness(found), 2),
        brightness=round((red + green + blue) / 3, 1), colour=f"#{red:02x}{green:02x}{blue:02x}",
    )  # fmt: skip


def sharpness(found: Image.Image) -> float:
    """The variance of what a Laplacian leaves of it."""
    grey = found.convert("L").resize((320, 180))
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    return float(ImageStat.Stat(grey.filter(kernel)).var[0])


def likeness(one: Image.Image, other: Image.Image) -> float:
    """1 where they are the same, 0 where one is black and the other white."""
    apart = ImageChops.difference(one.convert("RGB").resize(SMALL), other.convert("RGB").resize(SMALL))
    return round(1 - sum(ImageStat.Stat(apart).mean) / 3 / 255, 4)


def moving(data: bytes) -> Clip:
    """Read a clip."""
    found, seconds = clip.frames(data)
    alike = [likeness(one, other) for one, other in pairwise(found)]
    return Clip(
        width=found[0].width, height=found[0].height, bytes=len(data), frames=len(found), seconds=seconds,
        likeness=min(alike, default=1.0), moves=any(one < 1 for one in alike),
    )  # fmt: skip


def sound(data: bytes) -> Sound:
    """Read a WAV."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            samples = array.array("h", file.readframes(file.getnframes()))
            rate, count = file.getframerate(), file.getnframes()
    except (wave.Error, EOFError) as error:
        raise ValueError(f"It is no WAV: {error}") from None
    loud = math.sqrt(sum(one * one for one in samples) / len(samples)) if samples else 0.0
    peak = max(map(abs, samples), default=0)
    return Sound(
        seconds=round(count / rate, 3), rate=rate, bytes=len(data), loudness=round(loud / 32768, 4),
        peak=round(peak / 32768, 4),
    )  # fmt: skip
