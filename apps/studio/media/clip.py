"""Frames into an animated WebP, and back. Pure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final, cast

from PIL import Image

FRAMES_A_SECOND: Final = {"high": 8, "balanced": 6, "fast": 4}
MOST_FRAMES: Final = 240


def moved(picture: Image.Image, *, seconds: float, quality: str, size: tuple[int, int]) -> list[Image.Image]:
    """A slow move into a picture: as many frames as the seconds have at this quality."""
    count = max(2, min(MOST_FRAMES, round(seconds * FRAMES_A_SECOND.get(quality, 6))))
    width, height = picture.size
    frames = []
    for place in range(count):
        cut = 0.12 * place / count
        box = (int(width * cut / 2), int(height * cut / 2), int(width * (1 - cut / 2)), int(height * (1 - cut / 2)))
        frames.append(picture.resize(size, Image.Resampling.BILINEAR, box=box))
    return frames


def webp(frames: Sequence[Image.Image], *, seconds: float) -> bytes:
    """The file; its frames last `seconds` together, to the millisecond."""
    whole, out = round(seconds * 1000), io.BytesIO()
    ends = [whole * (place + 1) // len(frames) for place in range(len(frames))]
    lasts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    frames[0].save(
        out, "WEBP", save_all=True, append_images=list(frames[1:]), duration=lasts, quality=60, method=0,
        minimize_size=False, kmin=1, kmax=1,
    )  # fmt: skip
    return out.getvalue()


def frames(data: bytes) -> tuple[list[Image.Image], float]:
    """The frames of a file, and how many seconds they last. Raise OSError for what is none."""
    clip = cast(Any, Image.open(io.BytesIO(data)))
    found, lasts = [], 0
    for place in range(min(getattr(clip, "n_frames", 1), MOST_FRAMES * 8)):
        clip.seek(place)
        clip.load()
        lasts += int(clip.info.get("duration", 0))
        found.append(clip.convert("RGB"))
    return found, lasts / 1000


def joined(clips: Sequence[bytes]) -> tuple[list[Image.Image], float]:
    """The frames of several files one after the other, at the size of the first."""
    found: list[Image.Image] = []
    seconds = 0.0
    for data in clips:
        some, lasts = frames(data)
        size = found[0].size if found else some[0].size
        found += [one if one.size == size else one.resize(size) for one in some]
        seconds += lasts
    return found, seconds
