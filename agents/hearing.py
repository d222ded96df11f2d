"""What arrives while a model is still writing."""

from __future__ import annotations

import logging
from collections.abc import Callable

from agents.errors import Overspent, ProviderError

log = logging.getLogger(__name__)

LONGEST = 16
"""Bytes that a token stands for at most, on the average of a whole answer: three to five are usual, in any language."""
SLACK = 4_096
"""Bytes that a short answer may have more: a single token may be a long row of dashes."""


def most_bytes(tokens: int) -> int:
    """More than an answer of so many tokens can be: whoever writes more has not kept to them."""
    return tokens * LONGEST + SLACK


class _Enough(Exception):
    """Ends a stream from inside."""


class Ear:
    """Keeps the words and passes them on. A listener that fails does not cost the answer: it is told no more.

    `most` is in bytes. An answer that is longer is cut: what was reserved for it is spent.
    """

    def __init__(self, tell: Callable[[str], object], *, most: int) -> None:
        """Nothing heard yet."""
        self._tell: Callable[[str], object] | None = tell
        self._words: list[str] = []
        self._left = most

    def __call__(self, text: str) -> None:
        """Hear some words."""
        self._words.append(text)
        self._left -= len(text.encode("utf-8", "surrogatepass"))
        if self._left < 0:
            raise _Enough
        if self._tell is None:
            return
        try:
            self._tell(text)
        except Exception as error:  # noqa: BLE001  # whatever it is, the stream goes on
            log.warning("nobody hears this answer any more: %s", error)
            self._tell = None

    def reason(self, error: ProviderError) -> ProviderError:
        """Why the stream ended: it was cut here, or else `error`."""
        return error if self._left >= 0 else Overspent(trace=error.trace)

    @property
    def text(self) -> str:
        """Everything so far."""
        return "".join(self._words)
