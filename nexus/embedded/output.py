"""Where the lines of the processes go: one file each, and the console with the name in front."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

#: Is told every line: who said it, what. Printing is the terminal's business.
Echo = Callable[[str, str], None]
_LARGEST = 5 * 1024 * 1024
_LONGEST_LINE = 64 * 1024


class Output:
    """Cuts what one process prints into lines, across all its restarts."""

    def __init__(self, *, name: str, file: Path, echo: Echo) -> None:
        """Go on with the file, or begin a new one when it has become large."""
        if file.exists() and file.stat().st_size > _LARGEST:
            file.replace(file.with_suffix(".1.log"))
        self.file = file
        self._name, self._echo = name, echo
        self._out: BinaryIO = file.open("ab", buffering=0)
        self._rest = b""

    def take(self, chunk: bytes) -> list[bytes]:
        """Write `chunk`; return the lines that it completed."""
        self._out.write(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._echo(self._name, line.decode("utf-8", errors="replace").rstrip("\r"))
        return lines

    def note(self, text: str) -> None:
        """Add a line of the supervisor's own about this process."""
        self.take(f"-- {text}\n".encode())

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
