"""What can be started: one frozen description per process, and the one way to start it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .accounts import Account

_PR_SET_PDEATHSIG = 1
# Loaded here: after a fork only the call itself may happen.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, kw_only=True)
class Program:
    """One process, described: how it is called and how it is asked to end."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path = Path("/")
    #: Runs as this user; None is our own.
    account: Account | None = None
    #: Open files that the process inherits under the same numbers.
    fds: tuple[int, ...] = ()
    #: What it reads on its standard input.
    stdin: bytes = field(default=b"", repr=False)
    #: Asked with the first signal, then with the next, in the end with SIGKILL.
    stop_with: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    #: Seconds between two of those signals.
    patience: float = 10.0
    #: What the kernel sends it when the process that started it is gone.
    last_will: signal.Signals = signal.SIGKILL


def spawn(program: Program, *, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """Start `program` in a process group of its own; both output streams go to `output`."""
    options, stdin = popen_options(program), pipe_of(program.stdin)
    try:
        return subprocess.Popen(program.argv, stdin=stdin, stdout=output, stderr=subprocess.STDOUT, **options)
    finally:
        os.close(stdin)


def popen_options(program: Program) -> dict[str, Any]:
    """Return what `subprocess.Popen` needs to know about `program`, apart from its streams."""
    options: dict[str, Any] = {
        "cwd": program.cwd,
        "env": dict(program.env),
        "pass_fds": program.fds,
        # A group of its own: Ctrl-C on the terminal reaches the supervisor alone, which stops in order.
        "start_new_session": True,
        "preexec_fn": _dies_with_its_parent(program.last_will),
    }
    if program.account is not None:
        options |= {"user": program.account.uid, "group": program.account.gid, "extra_groups": []}
    return options


def pipe_of(content: bytes) -> int:
    """Return the reading end of a pipe that holds `content` and then ends."""
    reader, writer = os.pipe()
    os.write(writer, content)  # a few hundred bytes: a pipe takes 64 KiB without a reader
    os.close(writer)
    return reader


def _dies_with_its_parent(last_will: signal.Signals) -> Callable[[], None] | None:
    # The kernel watches the thread that forked, not its process: a child of a short-lived thread would be
    # told of a death that did not happen.
    if _libc is None or threading.current_thread() is not threading.main_thread():
        return None
    parent, prctl = os.getpid(), _libc.prctl

    def ask_the_kernel() -> None:
        # Runs after the change of user, which clears the setting.
        prctl(_PR_SET_PDEATHSIG, int(last_will), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the parent died in between; nobody would tell us any more

    return ask_the_kernel
