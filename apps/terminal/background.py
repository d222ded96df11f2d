"""A supervisor in the background, for as long as a command uses it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexus.embedded import state
from nexus.embedded.home import Home
from nexus.embedded.locks import Use, is_supervised
from nexus.embedded.servers import tail
from nexus.embedded.state import State

from .console import Console
from .exits import UNAVAILABLE, TerminalError
from .place import ROOT

_START_WITHIN = 180.0
_STOP_WITHIN = 60.0
_LOOK_EVERY = 0.05


@contextmanager
def stack(home: Home, *, console: Console) -> Iterator[State]:
    """Have everything running inside the `with`. What was started for it is stopped after it, unless others use it."""
    use, started = Use(home), list[subprocess.Popen[bytes]]()
    try:
        yield _ready(home, console, started)
    finally:
        pid = _to_be_stopped(home, started)
        # While we hold the lock alone nobody can begin to use what we are about to stop.
        if pid is not None and use.is_last():
            _stop(pid, console)
        use.end()
        for child in started:
            child.poll()  # what has ended is not left behind as a zombie


def _to_be_stopped(home: Home, started: list[subprocess.Popen[bytes]]) -> int | None:
    """Return the supervisor that runs only for commands: as it says itself, or ours that has not said so yet."""
    found = state.read(home)
    if found is not None and found.is_alive:
        return found.supervisor if found.while_used else None
    return next((child.pid for child in started if child.poll() is None), None)


def _ready(home: Home, console: Console, started: list[subprocess.Popen[bytes]]) -> State:
    """Return the state of a supervisor that is ready: the one that runs, or a new one, which is `started`."""
    child: subprocess.Popen[bytes] | None = None
    log = home.path / "logs" / "supervisor.log"
    deadline = time.monotonic() + _START_WITHIN
    while time.monotonic() < deadline:
        found = state.read(home)
        if found is not None and found.is_alive and found.ready:
            return found
        if child is None and not is_supervised(home):
            console.say("starting: servers, web, dispatcher, workers ...")
            child = _spawn(log)
            started.append(child)
        elif child is not None and child.poll() is not None and not is_supervised(home):
            raise TerminalError(f"it does not start:\n{tail(log)}", code=UNAVAILABLE, hint="bin/nexus doctor")
        time.sleep(_LOOK_EVERY)
    raise TerminalError(
        f"not ready after {_START_WITHIN:.0f} s:\n{tail(log)}", code=UNAVAILABLE, hint=f"Logs are in {log.parent}"
    )


def _spawn(log: Path) -> subprocess.Popen[bytes]:
    # In a session of its own: Ctrl-C is for the command, which then stops what it started in order.
    command = [sys.executable, "-m", "apps.terminal", "up", "--while-used", "--without", "flower"]
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def _stop(pid: int, console: Console) -> None:
    console.say("stopping what was started ...")
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + _STOP_WITHIN
    while state.is_alive(pid) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY)
