"""Start one server, wait until it really answers, stop it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .errors import ServerError
from .programs import Program, spawn

_LOOK_EVERY = 0.03


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A process that stays: its program, and how it shows that it works."""

    program: Program
    #: Where it answers; empty for one that answers nobody.
    url: str = ""
    #: Raises while the process does not answer yet.
    probe: Callable[[], None] | None = None
    #: For those that answer nobody: what they print when they are at work.
    says: re.Pattern[bytes] | None = None
    #: Called before each start, and each time it has begun to work.
    before_start: Callable[[], None] = nothing
    after_start: Callable[[], None] = nothing


@dataclass(kw_only=True)
class Server:
    """A server that answers."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    program: Program
    stopped: bool = False

    def stop(self) -> None:
        """Ask the server to end, insist, and return when it is gone. A second call does nothing."""
        if self.stopped:
            return  # its file numbers may belong to somebody else by now
        self.stopped = True
        for ask in (*self.program.stop_with, signal.SIGKILL):
            self.process.send_signal(ask)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.program.patience)
                break
        for handle in self.program.fds:
            with contextlib.suppress(OSError):
                os.close(handle)


def launch(service: Service, *, log: Path, within: float = 30.0) -> Server:
    """Start `service`, its output in `log`, and return when it answers.

    Call it from the main thread: the server then ends with this process, whatever ends that.
    """
    service.before_start()
    with log.open("ab") as output:
        process = spawn(service.program, output=output)
    server = Server(url=service.url, process=process, log=log, program=service.program)
    try:
        _await_answer(service, process, log=log, within=within)
        service.after_start()
    except BaseException:
        server.stop()
        raise
    return server


def _await_answer(service: Service, process: subprocess.Popen[bytes], *, log: Path, within: float) -> None:
    name, deadline = service.program.name, time.monotonic() + within
    while True:
        if process.poll() is not None:
            raise ServerError(f"{name} ended with code {process.returncode} instead of starting:\n{tail(log)}")
        try:
            return service.probe() if service.probe else None
        except Exception as error:  # every refusal means the same here: not yet
            if time.monotonic() > deadline:
                raise ServerError(f"{name} did not answer within {within:.0f} s ({error}):\n{tail(log)}") from error
        time.sleep(_LOOK_EVERY)


def tail(log: Path, *, lines: int = 12) -> str:
    """Return the last lines of a log."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    return ""
