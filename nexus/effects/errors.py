"""What is refused of an effect, and how an act says that nothing happened."""

from __future__ import annotations

from typing import Any

from nexus.errors import NexusError


class EffectFailed(NexusError):
    """It was not done."""

    # An act raises this only when it knows that nothing happened. Anything else it raises leaves a doubt.
    code = "effect_failed"

    def __init__(
        self, message: str | None = None, *, again: bool = False, detail: dict[str, Any] | None = None
    ) -> None:
        """`again`: asked once more it may work, so it is not remembered. `detail` is JSON for the caller."""
        super().__init__(message)
        self.again = again
        self.detail = detail or {}


class EffectChanged(NexusError):
    """Something else was asked for under the key of an effect that is known."""

    code = "effect_changed"
