"""What arrives while a model is still writing."""

from __future__ import annotations

import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class Ear:
    """Keeps the words and passes them on. A listener that fails does not cost the answer: it is told no more."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Nothing heard yet."""
        self._tell: Callable[[str], None] | None = tell
        self._words: list[str] = []

    def __call__(self, text: str) -> None:
        """Hear some words."""
        self._words.append(text)
        if self._tell is None:
            return
        try:
            self._tell(text)
        except Exception as error:  # noqa: BLE001  # whatever it is, the stream goes on
            log.warning("nobody hears this answer any more: %s", error)
            self._tell = None

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._words)
