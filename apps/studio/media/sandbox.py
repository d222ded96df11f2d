"""The sandbox's maker: draws, moves and sings small, real files by itself, so that checks measure something true.

A shot's spec may ask for trouble: {"blur": 6} is out of focus until its prompt is tuned, {"fault": "video_down"}
has no clip until the backup model is asked, {"fault": "down"} fails always.
"""

from __future__ import annotations

from PIL import Image

from apps.studio.errors import MediaFailed

from . import clip, draw, sound
from .maker import Wanted

TUNED = "in sharp focus"
"""What a tuned prompt says."""


class Sandbox:
    """Makes what is wanted here and now."""

    def make(self, wanted: Wanted, *, key: str) -> bytes:
        """The file."""
        fault = wanted.spec.get("fault")
        if fault == "down" or (fault == "video_down" and wanted.kind == "video" and not wanted.backup):
            raise MediaFailed(
                f"The model for {wanted.kind} does not answer", model="backup" if wanted.backup else "first"
            )
        match wanted.kind:
            case "image":
                return _image(wanted)
            case "video":
                return _video(wanted)
            case "music":
                return sound.melody(wanted.prompt, seconds=wanted.seconds)
            case "voice":
                return sound.voice(wanted.prompt, seconds=wanted.seconds)


def _image(wanted: Wanted) -> bytes:
    if wanted.source is not None:
        picture = draw.read(wanted.source)
        scale = float(wanted.spec.get("scale", 1))
        if scale != 1:
            return draw.png(picture.resize((int(picture.width * scale), int(picture.height * scale))))
        return draw.png(_worked_on(wanted, picture))
    blur = wanted.spec.get("blur", 0)
    is_soft = isinstance(blur, int | float) and TUNED not in wanted.prompt
    return draw.png(draw.frame(wanted.prompt, quality=wanted.quality, blur=min(float(blur), 50.0) if is_soft else 0.0))


def _worked_on(wanted: Wanted, picture: Image.Image) -> Image.Image:
    """Another drawing, laid into the middle of the picture."""
    part = draw.frame(wanted.prompt, size=(picture.width // 3, picture.height // 3))
    done = picture.copy()
    done.paste(part, (picture.width // 3, picture.height // 3))
    return done


def _video(wanted: Wanted) -> bytes:
    picture = draw.frame(wanted.prompt, quality=wanted.quality) if wanted.source is None else draw.read(wanted.source)
    width, height = draw.SIZES.get(wanted.quality, draw.SIZES["balanced"])
    small = bool(wanted.spec.get("preview"))
    size = (width // 2, height // 2) if small else (width, height)
    frames = clip.moved(picture, seconds=wanted.seconds, quality=wanted.quality, size=size)
    return clip.webp(frames, seconds=wanted.seconds)
