"""One piece of work in a process of its own: bounded in time, memory and output, and with nothing of ours in reach.

Its environment is written here and not inherited, so that no key and no password of a worker is in it. It is killed
with everything it started, whatever it does. What it gives up by itself stands in inside.py.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

INSIDE = Path(__file__).with_name("inside.py")
MEMORY = 512 * 1024 * 1024
FILE_SIZE = 8 * 1024 * 1024
MOST_OUTPUT = 64 * 1024
GRACE = 2.0
"""Seconds for the start of a process on a busy machine, beside the time that its work has."""

_OUT_OF_TIME = (-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL)
Ended = Literal["itself", "late", "loud"]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How it went."""

    ended: Ended
    """By itself; or it was killed: it took too long, or said too much."""
    code: int
    out: str
    err: str

    def answer(self) -> dict[str, Any] | None:
        """The line of JSON that it ended with; None where there is none."""
        if self.ended != "itself" or self.code != 0:
            return None
        try:
            found = json.loads(self.out)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def work(
    do: str, *, within: float, packages: bool = False, memory: int = MEMORY, most: int = MOST_OUTPUT, **given: Any
) -> Ran:
    """Do it in a child; `packages` lets it import what is installed. Never raises for what the child does."""
    asked = {"do": do, "within": within, "memory": memory, "file_size": FILE_SIZE, **given}
    with tempfile.TemporaryDirectory(prefix="nexus-check-", ignore_cleanup_errors=True) as folder:
        inbox, room = Path(folder, "work.json"), Path(folder, "room")
        room.mkdir(mode=0o700)
        inbox.write_text(json.dumps(asked), encoding="utf-8")
        with inbox.open("rb") as stdin:
            # A file, not a pipe: nobody has to feed it while its output is read.
            child = subprocess.Popen(
                [sys.executable, "-I", *([] if packages else ["-S"]), "-X", "utf8", str(INSIDE)],
                stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=room, env=_environment(room),
                start_new_session=True, close_fds=True,
            )  # fmt: skip
        try:
            return _watched(child, within=within + GRACE, most=most)
        finally:
            _end(child)


def _environment(room: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(room), "TMPDIR": str(room), "LANG": "C.UTF-8", "TZ": "UTC"}


def _watched(child: subprocess.Popen[bytes], *, within: float, most: int) -> Ran:
    said: dict[str, bytearray] = {"out": bytearray(), "err": bytearray()}
    ended: Ended = "itself"
    deadline = time.monotonic() + within
    with selectors.DefaultSelector() as listening:
        listening.register(child.stdout, selectors.EVENT_READ, "out")  # type: ignore[arg-type]  # both are pipes
        listening.register(child.stderr, selectors.EVENT_READ, "err")  # type: ignore[arg-type]
        while listening.get_map() and ended == "itself":
            left = deadline - time.monotonic()
            for key, _ in listening.select(max(left, 0)):
                if chunk := os.read(key.fd, 65_536):
                    said[key.data] += chunk
                else:
                    listening.unregister(key.fileobj)
            if len(said["out"]) + len(said["err"]) > most:
                ended = "loud"
            elif left <= 0:
                ended = "late"
    if ended == "itself":
        # It closed what it writes to; it may go on in silence.
        try:
            child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            ended = "late"
    _end(child)
    if ended == "itself" and child.returncode in _OUT_OF_TIME:
        ended = "late"
    shown = {name: bytes(text[:most]).decode("utf-8", errors="replace") for name, text in said.items()}
    return Ran(ended=ended, code=child.returncode, out=shown["out"], err=shown["err"])


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill its group and take leave of it."""
    if child.returncode is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)  # it leads a group of its own
        except (ProcessLookupError, PermissionError):
            child.kill()
        child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
