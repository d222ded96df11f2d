"""Who runs Postgres when we are root, and where that user finds its binaries.

Postgres refuses to run as root. It then runs as an ordinary user that the machine already has. That user may not be
able to reach the clone (root's own home has mode 700), and no parent folder is opened for it: the binaries
are copied once to a folder that root owns and everybody can read.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import ServerError

_CANDIDATES = ("nexus", "nobody", "daemon")
_SHELVES = (Path("/var/lib/nexus"), Path("/var/tmp/nexus-programs"))  # noqa: S108 - ownership is checked before use


@dataclass(frozen=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Return the user that runs what refuses root, or None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ServerError(
        "Postgres refuses to run as root, and this machine has no unprivileged user to run it as. "
        "Create one: useradd --system nexus"
    )


def reachable(folder: Path, *, parts: tuple[str, ...], probe: str, account: Account | None) -> Path:
    """Return a folder with `parts` of `folder` whose program `probe` the account can run: itself, or a copy."""
    if account is None or _can_run(folder / probe, account):
        return folder
    problems = []
    for shelf in _SHELVES:
        try:
            _own_folder(shelf)
            copy = _copy_once(folder, parts, shelf / f"postgres-{_fingerprint(folder / probe)}")
        except OSError as error:
            problems.append(str(error))
            continue
        if _can_run(copy / probe, account):
            return copy
        problems.append(f"user {account.name} cannot run {copy / probe}")
    raise ServerError(f"no place from which user {account.name} can run Postgres: {'; '.join(problems)}")


def _can_run(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"], user=account.uid, group=account.gid, extra_groups=[], cwd="/", env={},
            capture_output=True, check=False,
        )  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0


def _fingerprint(program: Path) -> str:
    with program.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()[:16]


def _own_folder(folder: Path) -> None:
    """Make `folder`, or make sure that root made it: what lies there is run."""
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
        raise PermissionError(f"{folder} is not a folder that only root may write to")


def _copy_once(folder: Path, parts: tuple[str, ...], target: Path) -> Path:
    if target.exists():
        _own_folder(target)
        return target
    # Beside the target, then renamed: whoever looks finds a whole tree or none.
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        for part in filter(lambda part: (folder / part).exists(), parts):
            shutil.copytree(folder / part, draft / part, symlinks=True)
        _open_for_reading(draft)
        draft.rename(target)
    except OSError:
        if not target.exists():  # otherwise another start was faster, with the same bytes
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _open_for_reading(tree: Path) -> None:
    """Let everybody read the copy, whatever umask the original was installed with."""
    tree.chmod(0o755)
    for path in tree.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
