"""Who makes pictures and sounds. STUDIO_MAKER names the class; the sandbox's draws for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

Kind = Literal["image", "video", "music", "voice"]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One thing to be made."""

    kind: Kind
    prompt: str
    seconds: float = 0.0
    quality: str = "balanced"
    source: bytes | None = None
    """The picture that a clip moves through, or that is worked on."""
    spec: Mapping[str, Any] = field(default_factory=dict)
    """What the shot says beside its words."""
    backup: bool = False
    """The first choice of model has failed."""


class Maker(Protocol):
    """Makes things. Asked twice with one key, it makes, and is paid for, one."""

    def make(self, wanted: Wanted, *, key: str) -> bytes:
        """The file: PNG, animated WebP or WAV. Raise MediaFailed."""


@lru_cache(maxsize=4)
def _made(path: str) -> Maker:
    found: Maker = import_string(path)()
    return found


def maker() -> Maker:
    """The maker of this installation."""
    return _made(settings.STUDIO_MAKER)
