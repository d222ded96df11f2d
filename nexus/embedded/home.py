"""NEXUS_HOME: one folder, mode 700, with everything that this installation keeps on the machine.

    env           secrets and ports that stay the same from start to start (mode 600)
    pg/ valkey/   the servers' data        media/   files of work orders
    logs/         one file per process     run/     the lock and the state file of what runs now

Two homes never meet: each has its own ports, passwords and data.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .ports import free_port, is_free

_MADE_HERE = ("logs", "run", "media")


@dataclass(frozen=True)
class Home:
    """The folder of one installation."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Home:
        """Return the home at `path`, made when it is missing."""
        path = path.expanduser().absolute()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in _MADE_HERE:
            (path / name).mkdir(mode=0o700, exist_ok=True)
        return cls(path)

    def env(self) -> dict[str, str]:
        """Return what this home keeps under a name."""
        try:
            lines = (self.path / "env").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def kept(self, name: str, make: Callable[[], str]) -> str:
        """Return the value kept under `name`; the first time, keep what `make` returns."""
        found = self.env().get(name)
        return found if found is not None else self.keep(name, make())

    def keep(self, name: str, value: str) -> str:
        """Keep `value` under `name`, readable by its owner alone, and return it."""
        values = self.env() | {name: value}
        text = "# Written by bin/nexus. Generated once; keep it secret.\n"
        write_privately(self.path / "env", text + "".join(f"{key}={values[key]}\n" for key in sorted(values)))
        return value

    def secret(self, name: str) -> str:
        """Return the generated secret kept under `name`."""
        return self.kept(name, lambda: secrets.token_urlsafe(48))

    def port(self, name: str) -> int:
        """Return the port kept under `name`: the same at every start, unless somebody else has taken it."""
        values = self.env()
        kept = values.get(name, "")
        if kept and is_free(int(kept)):
            return int(kept)
        others = frozenset(int(value) for key, value in values.items() if key.endswith("_PORT") and key != name)
        return int(self.keep(name, str(free_port(taken=others))))


def write_privately(path: Path, text: str) -> None:
    """Replace the file at `path` in one step; only its owner can read it."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 600
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    Path(draft).replace(path)
