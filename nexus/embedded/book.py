"""The supervisor's end of the pipe to its keeper (keeper.py)."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

from . import keeper


class Book:
    """Says which process groups are to be ended should we be killed."""

    def __init__(self) -> None:
        """Start the keeper. It is in a session of its own: what is sent to our group does not reach it."""
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(keeper.__file__))],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            start_new_session=True, text=True,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """The keeper's own."""
        return self._keeper.pid

    def add(self, group: int, last_will: signal.Signals) -> None:
        """A group has begun."""
        self._tell(f"+{group} {int(last_will)}\n")

    def remove(self, group: int) -> None:
        """It has ended; its number may soon be somebody else's."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Let the keeper go; it ends what is still in the book."""
        assert self._keeper.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._keeper.stdin.close()
        self._keeper.wait()

    def _tell(self, line: str) -> None:
        assert self._keeper.stdin is not None
        # Without a keeper the kernel still tells every child of our death; only grandchildren lose by it.
        with contextlib.suppress(BrokenPipeError):
            self._keeper.stdin.write(line)
            self._keeper.stdin.flush()
