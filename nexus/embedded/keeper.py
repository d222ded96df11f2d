"""The small process that ends all others when the supervisor is killed.

It reads one line per process group from its standard input, `+<group> <signal>` or `-<group>`. The pipe ends when
the supervisor is gone, whatever became of it; then every group that is still in the book is told to end, and killed
if it does not. Runs as a bare script, with nothing of ours imported: it must be cheap and must not break.
"""

from __future__ import annotations

import os
import signal
import sys
import time

PATIENCE = 5.0


def keep(lines: object) -> dict[int, int]:
    """Read the book to its end; return the groups that are left, with the signal for each."""
    book: dict[int, int] = {}
    for line in lines:  # type: ignore[attr-defined]
        sign, words = line[:1], line[1:].split()
        if sign == "+":
            book[int(words[0])] = int(words[1])
        elif sign == "-":
            book.pop(int(words[0]), None)
    return book


def end(book: dict[int, int]) -> None:
    """Tell every group to end, wait a little, then kill what is left."""
    for group, number in book.items():
        _tell(group, number)
    deadline = time.monotonic() + PATIENCE
    while any(_tell(group, 0) for group in book) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in book:
        _tell(group, signal.SIGKILL)


def _tell(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(keep(sys.stdin))
