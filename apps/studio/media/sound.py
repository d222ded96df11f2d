"""A melody and a voice as WAV: mono, 16 bits. Pure."""

from __future__ import annotations

import array
import hashlib
import io
import math
import wave
from collections.abc import Sequence
from typing import Final

RATE: Final = 8000
SCALE: Final = (220.0, 246.94, 277.18, 329.63, 369.99, 440.0)
LOUD: Final = 9000


def melody(words: str, *, seconds: float) -> bytes:
    """Notes that the words decide, four to the second, each fading out."""
    seed = hashlib.sha256(words.encode("utf-8", "replace")).digest()
    count, note = round(seconds * RATE), RATE // 4
    samples = array.array("h")
    for place in range(count):
        pitch = SCALE[seed[(place // note) % len(seed)] % len(SCALE)]
        fade = 1.0 - 0.8 * (place % note) / note
        samples.append(int(LOUD * fade * math.sin(2 * math.pi * pitch * place / RATE)))
    return _wav(samples)


def voice(words: str, *, seconds: float) -> bytes:
    """A hum with a beat for every word, and a pause after it: as long as it was asked to be."""
    spoken = words.split() or ["…"]
    count = round(seconds * RATE)
    each = max(1, count // len(spoken))
    samples = array.array("h")
    for place in range(count):
        word = spoken[min(place // each, len(spoken) - 1)]
        part = (place % each) / each
        pitch = 110 + 8 * (len(word) % 7)
        level = math.sin(math.pi * part / 0.8) if part < 0.8 else 0.0
        samples.append(int(LOUD * level * math.sin(2 * math.pi * pitch * place / RATE)))
    return _wav(samples)


def mixed(sounds: Sequence[bytes], *, seconds: float) -> bytes:
    """Laid over each other, each at the same share, as long as it is asked for: the rest is silence."""
    count = round(seconds * RATE)
    whole = [0] * count
    for data in sounds:
        with wave.open(io.BytesIO(data)) as file:
            samples = array.array("h", file.readframes(file.getnframes()))
        for place, one in enumerate(samples[:count]):
            whole[place] += one // len(sounds)
    return _wav(array.array("h", whole))


def _wav(samples: array.array[int]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()
