"""What runs now: one small file that `bin/nexus status` and every other command reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .home import Home, write_privately

ADDRESSES = ("web_url", "admin_url", "flower_url", "database_url", "redis_url", "sandbox_url", "api_key")


@dataclass(frozen=True, kw_only=True)
class Running:
    """One process."""

    name: str
    pid: int | None
    restarts: int
    works: bool


@dataclass(frozen=True, kw_only=True)
class State:
    """A supervisor and what it runs."""

    supervisor: int
    ready: bool = False
    #: Asked for by one command, and goes when nobody uses it any more.
    while_used: bool = False
    addresses: Mapping[str, str | None] = field(default_factory=dict)
    processes: Sequence[Running] = ()

    @property
    def is_alive(self) -> bool:
        """Say whether the supervisor that wrote this lives."""
        return is_alive(self.supervisor)

    def write(self, home: Home) -> None:
        """Put it where others read it."""
        write_privately(_file(home), json.dumps(asdict(self), indent=1) + "\n")


def read(home: Home) -> State | None:
    """Return what was written last, or None when nothing was, or cannot be read."""
    try:
        found: dict[str, Any] = json.loads(_file(home).read_text(encoding="utf-8"))
        found["processes"] = [Running(**process) for process in found["processes"]]
        return State(**found)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget(home: Home) -> None:
    """Nothing runs any more."""
    _file(home).unlink(missing_ok=True)


def is_alive(pid: int | None) -> bool:
    """Say whether a process lives; a zombie does not."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    # The name may hold spaces and brackets; the state is the first word after the last bracket.
    return words.rpartition(")")[2].split()[0] != "Z"


def _file(home: Home) -> Path:
    return home.path / "run" / "state.json"
