"""The three kinds of effect, the states of one, and what makes two requests the same. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

from nexus.gates.rules import canonical

Kind = Literal["read", "idempotent", "once"]
"""read: changes nothing. idempotent: the outside does it once for one key. once: it must not be done twice."""
KINDS: tuple[Kind, ...] = ("read", "idempotent", "once")
LARGEST_REQUEST = 500_000
LONGEST_KEY = 200


class EffectState(StrEnum):
    """What is known of an effect."""

    INTENT = "intent"
    """It is about to be done, or was when its worker died."""
    DONE = "done"
    """It happened, and `response` is what came of it."""
    FAILED = "failed"
    """It did not happen."""
    UNKNOWN = "unknown"
    """It may have happened: a person is asked."""


MOVES: frozenset[tuple[EffectState, EffectState]] = frozenset(
    {
        (EffectState.INTENT, EffectState.DONE),
        (EffectState.INTENT, EffectState.FAILED),
        (EffectState.INTENT, EffectState.UNKNOWN),
        (EffectState.FAILED, EffectState.INTENT),
        (EffectState.UNKNOWN, EffectState.DONE),
        (EffectState.UNKNOWN, EffectState.INTENT),
        (EffectState.UNKNOWN, EffectState.FAILED),
    }
)


def hash_of(*, name: str, kind: str, request: Mapping[str, Any]) -> str:
    """The same for the same act, on every machine; raise ValueError for what cannot be stored or shown."""
    written = canonical({"name": name, "kind": kind, "request": request})
    if len(written) > LARGEST_REQUEST:
        raise ValueError(f"The request of an effect is at most {LARGEST_REQUEST} bytes; name what is larger by an id")
    return hashlib.sha256(written).hexdigest()


def check(*, key: str, kind: str) -> None:
    """Raise ValueError for a kind that is none, or a key that cannot be stored."""
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if not 0 < len(key) <= LONGEST_KEY or "\x00" in key:
        raise ValueError(f"The key of an effect is 1 to {LONGEST_KEY} characters, without NUL")


def storable(value: Any) -> Any:
    """`value` as a JSON column can hold it: what came of an act must not be lost over a NUL in it."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {storable(str(name)): storable(one) for name, one in value.items()}
        case list() | tuple():
            return [storable(one) for one in value]
        case _:
            return storable(str(value))
