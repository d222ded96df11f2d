"""Transcriptions: a recording goes there, what is said in it comes back, and is billed by its length or by tokens."""

from __future__ import annotations

import base64
import math
from typing import Any

from agents.providers.base import ProviderRequest
from agents.providers.seen import Part, Seen, is_count
from billing.prices import Usage

ENDINGS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg", "audio/flac": "flac", "audio/mp4": "m4a",
           "audio/webm": "webm"}  # fmt: skip
"""Providers read the kind of a recording from its name."""


def body(request: ProviderRequest) -> dict[str, Any]:
    """The SDK's arguments. A role's own words are what it shall expect to hear: names, terms."""
    sound = request.sound
    if sound is None:
        raise TypeError("there is nothing to listen to")
    name = f"sound.{ENDINGS.get(sound.media_type, 'wav')}"
    sent: dict[str, Any] = {
        "model": request.model,
        "file": (name, base64.b64decode(sound.data), sound.media_type),
        "response_format": "json",
        "extra_headers": {"X-Nexus-Request-Id": str(request.id)},
    }
    return sent | ({"prompt": request.system} if request.system else {})


def take(answer: Any, seen: Seen) -> None:
    """Understand the answer: the words, and what it will be billed for. Raise where it has no words."""
    if not isinstance(getattr(answer, "text", None), str):
        raise TypeError("the answer has no text")
    seen.begun = True
    seen.parts.append(Part(kind="text", text=answer.text))
    seen.usage = _usage(getattr(answer, "usage", None))
    seen.totals = seen.usage is not None
    seen.stop_reason = "end_turn"


def _usage(told: Any) -> Usage | None:
    """By its length, as whisper is billed, or by tokens, as later models are; None where neither is told."""
    seconds = getattr(told, "seconds", None)
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds) and seconds >= 0:
        return Usage(input_tokens=0, output_tokens=0, heard_ms=round(seconds * 1000))
    given, made = (getattr(told, name, None) for name in ("input_tokens", "output_tokens"))
    if isinstance(given, int) and isinstance(made, int) and is_count(given) and is_count(made):
        return Usage(input_tokens=given, output_tokens=made)
    return None
