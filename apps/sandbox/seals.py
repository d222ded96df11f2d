"""Seals on thoughts: who changed a thought, or made one up, is found out when it comes back.

A seal holds the digest of what was shown, and a second digest that only the sandbox makes. Nothing is remembered.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Literal

SALT = "sandbox seal"
SHOWN, WHOLE = 16, 32

Verdict = Literal["whole", "changed", "forged"]


def seal(thought: str) -> str:
    """The signature of a thought that is shown."""
    shown = _digest(thought)[:SHOWN]
    return base64.b64encode((shown + _digest(SALT + shown)[: WHOLE - SHOWN]).encode()).decode()


def verdict(thought: str, signature: object) -> Verdict:
    """Whether a thought comes back as it left."""
    opened = _opened(signature)
    if len(opened) != WHOLE or _digest(SALT + opened[:SHOWN])[: WHOLE - SHOWN] != opened[SHOWN:]:
        return "forged"
    return "whole" if opened[:SHOWN] == _digest(thought)[:SHOWN] else "changed"


def hide(thought: str) -> str:
    """A thought that is shown to nobody, as data with its own seal."""
    inside = base64.b64encode(thought.encode()).decode()
    return f"{seal(inside)}.{inside}"


def is_hidden(data: object) -> bool:
    """Whether hidden thoughts come back as they left."""
    signature, _, inside = str(data).partition(".")
    return verdict(inside, signature) == "whole"


def _opened(signature: object) -> str:
    try:
        return base64.b64decode(str(signature), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
