"""Looks at the machine before anything on it is changed. `up` and `doctor` ask the same questions."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import postgres, valkey

_ENOUGH_DISK = 500 * 1024 * 1024
_NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "ceph", "glusterfs", "afs"})
#: Nothing of this was written before; a clock that says so is wrong, and with it every due time.
_EARLIEST = 1_767_225_600.0  # 2026-01-01


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found and, where it is not well, how to mend it."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def machine(home: Path, *, environ: Mapping[str, str]) -> list[Check]:
    """Look at everything that must be well before a start."""
    return [_python(), *_wheels(environ), _writable(home), _disk(home), _local(home), clock(now=time.time())]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    return Check(name="python", ok=ok, detail=version, fix="" if ok else "Install Python 3.11 or newer")


def _wheels(environ: Mapping[str, str]) -> list[Check]:
    asked = {"DATABASE_URL": postgres.binaries_missing, "REDIS_URL": valkey.binary_missing}
    checks = []
    for variable, missing in asked.items():
        name = "postgres binaries" if variable == "DATABASE_URL" else "valkey binary"
        if environ.get(variable):
            checks.append(Check(name=name, ok=True, detail=f"not needed: {variable} is set"))
            continue
        problem = missing()
        fix = f"Remove .venv and start again, or set {variable} to a server you have" if problem else ""
        checks.append(Check(name=name, ok=problem is None, detail=problem or "installed", fix=fix))
    return checks


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _writable(home: Path) -> Check:
    ok = os.access(_existing(home), os.W_OK | os.X_OK)
    fix = "" if ok else "Set NEXUS_HOME to a folder that you can write to"
    return Check(name="home", ok=ok, detail=f"{home} is {'' if ok else 'not '}writable", fix=fix)


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(_existing(home)).free
    ok = free >= _ENOUGH_DISK
    fix = "" if ok else f"Free 500 MB below {home}, or set NEXUS_HOME to another disk"
    return Check(name="disk", ok=ok, detail=f"{free // 1024**2} MB free", fix=fix)


def _local(home: Path) -> Check:
    kind = _file_system(_existing(home))
    ok = kind not in _NETWORKED
    fix = "" if ok else "A database on a network disk loses what it was told is safe: set NEXUS_HOME to a local one"
    return Check(name="file system", ok=ok, detail=kind or "unknown", fix=fix)


def _file_system(path: Path) -> str:
    """Return the kind of the mount that `path` lies on, by the longest mount point above it."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    place, best, kind = str(path.resolve()) + "/", "", ""
    for words in map(str.split, mounts.splitlines()):
        point = words[1].replace("\\040", " ").rstrip("/") + "/"
        if place.startswith(point) and len(point) >= len(best):
            best, kind = point, words[2]
    return kind


def clock(*, now: float) -> Check:
    """Look at this machine's clock."""
    ok = now > _EARLIEST
    shown = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    return Check(name="clock", ok=ok, detail=shown, fix="" if ok else "Set the clock: timedatectl set-ntp true")
