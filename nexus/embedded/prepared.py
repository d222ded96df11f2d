"""Whether a database was migrated and furnished by this very code: then a start need not ask it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from .home import Home, write_privately

_CODE = ("config", "nexus", "billing", "agents", "workorders", "apps")


def fingerprint(*, root: Path, data: Path, also: Iterable[str]) -> str:
    """Return a digest of the code, of which data folder it is, and of `also`."""
    digest = hashlib.sha256()
    for path in sorted(path for room in _CODE for path in (root / room).rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update((root / "requirements" / "base.txt").read_bytes())
    try:
        made = (data / "PG_VERSION").stat()
        digest.update(f"{made.st_ino} {made.st_mtime_ns}".encode())  # another folder at the same place is another one
    except OSError:
        digest.update(b"no data yet")
    digest.update("\0".join(also).encode())
    return digest.hexdigest()


def is_prepared(home: Home, mark: str) -> bool:
    """Say whether `mark` was the last that was set."""
    try:
        return (home.path / "run" / "prepared").read_text(encoding="ascii").strip() == mark
    except OSError:
        return False


def set_mark(home: Home, mark: str) -> None:
    """Remember `mark`. An empty one says that nothing is known of the database."""
    write_privately(home.path / "run" / "prepared", mark + "\n")
