"""Who works on a home: one supervisor, any number of commands that use it.

Advisory file locks: the kernel lets go of them when their holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import ServerError
from .home import Home


@contextlib.contextmanager
def only_supervisor(home: Home) -> Iterator[None]:
    """Be the one supervisor of `home`; refuse when there is another."""
    with _opened(home.path / "run" / "lock") as handle:
        if not _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            pid = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise ServerError(
                f"Nexus already runs on {home.path} (pid {pid}). See `bin/nexus status`; for a second one beside it, "
                "set NEXUS_HOME to another folder"
            )
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield


def is_supervised(home: Home) -> bool:
    """Say whether a supervisor works on `home`."""
    with _opened(home.path / "run" / "lock") as handle:
        return not _lock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)


class Use:
    """A command's hold on a supervisor that stays only while it is used."""

    def __init__(self, home: Home) -> None:
        """Take the hold. Waits for the instant in which somebody looks."""
        self._handle = os.open(home.path / "run" / "users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _lock(self._handle, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Say whether nobody else holds on; if so, nobody can begin to until `end`."""
        # A supervisor that looks holds the lock for an instant: try more than once.
        for _ in range(5):
            if _lock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
                return True
            time.sleep(0.05)
        return False

    def end(self) -> None:
        """Let go."""
        with contextlib.suppress(OSError):
            os.close(self._handle)


def in_use(home: Home) -> bool:
    """Say whether any command holds on to the supervisor of `home`."""
    with _opened(home.path / "run" / "users") as handle:
        return not _lock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        return False
    return True
