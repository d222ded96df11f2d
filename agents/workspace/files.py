"""A workspace: a folder that nothing leads out of.

Paths are walked by hand, each step opened below the one before it without following links. Whatever anybody puts into
the folder meanwhile, a step is either inside or refused.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import WorkspaceRefused
from .paths import WRITING, folder_of, parts_of

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_LISTED = 2_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or a folder."""

    path: str
    bytes: int
    is_folder: bool = False


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The files of one order."""

    root: Path
    most_bytes: int
    most_files: int
    largest_file: int

    def entries(self, path: str = "") -> list[Entry]:
        """What is in a folder and below it, by name. Raise WorkspaceRefused."""
        parts = parts_of(path)
        with self._folder(parts) as folder:
            return sorted(_below(folder, "/".join(parts)), key=lambda entry: entry.path)[:MOST_LISTED]

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raise WorkspaceRefused."""
        *parents, name = self._file(path)
        with self._folder(parents) as folder, _opened(name, READ, folder) as file:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise WorkspaceRefused(f"{path} is no file")
            if found.st_nlink != 1:
                raise WorkspaceRefused(f"{path} has another name outside; it is not read")
            if found.st_size > self.largest_file:
                raise WorkspaceRefused(f"{path} is larger than {self.largest_file} bytes")
            with os.fdopen(os.dup(file), "rb") as reading:
                return reading.read(self.largest_file)

    def write(self, path: str, data: bytes) -> Entry:
        """Put a file there, whole, in place of what was there; folders are made. Raise WorkspaceRefused."""
        *parents, name = self._file(path)
        if len(data) > self.largest_file:
            raise WorkspaceRefused(f"A file is at most {self.largest_file} bytes")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked(), self._folder(parents, make=True) as folder:
            before = _size(name, folder)
            self._check_room(more=len(data) - (before or 0), files=before is None)
            _replace(name, data, folder)
        return Entry(path="/".join([*parents, name]), bytes=len(data))

    def _file(self, path: str) -> tuple[str, ...]:
        if not (parts := parts_of(path)) or path.endswith("/"):
            raise WorkspaceRefused("A file has a name")
        return parts

    @contextmanager
    def _folder(self, parts: list[str] | tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        """The folder at the end of `parts`, opened step by step."""
        if not make and not self.root.exists():
            raise WorkspaceRefused("There are no files yet")
        at = os.open(self.root, FOLDER)
        try:
            for name in parts:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o700, dir_fd=at)
                below = _open(name, FOLDER, at)
                os.close(at)
                at = below
            yield at
        finally:
            os.close(at)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, in whatever process: limits are counted before they are used up."""
        root = os.open(self.root, FOLDER)
        try:
            fcntl.flock(root, fcntl.LOCK_EX)
            yield
        finally:
            os.close(root)

    def _check_room(self, *, more: int, files: bool) -> None:
        with self._folder(()) as root:
            found = [entry for entry in _below(root, "") if not entry.is_folder]
        if files and len(found) >= self.most_files:
            raise WorkspaceRefused(f"The workspace holds {self.most_files} files and takes no more")
        if sum(entry.bytes for entry in found) + more > self.most_bytes:
            raise WorkspaceRefused(f"The workspace holds at most {self.most_bytes} bytes")


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, 0o600, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise WorkspaceRefused(f"{name} is a link or no folder; it is not followed") from None
        if error.errno == errno.ENOENT:
            raise WorkspaceRefused(f"There is no {name}") from None
        raise WorkspaceRefused(f"{name} cannot be opened: {os.strerror(error.errno or 0)}") from None


@contextmanager
def _opened(name: str, flags: int, folder: int) -> Iterator[int]:
    opened = _open(name, flags, folder)
    try:
        yield opened
    finally:
        os.close(opened)


def _below(folder: int, prefix: str) -> Iterator[Entry]:
    """Regular files and folders below an open folder; links, sockets and devices are not there."""
    for where, folders, files, at in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
        inside = "/".join(part for part in (prefix, where.removeprefix(".").strip("/")) if part)
        for name in [*folders, *files]:
            found = os.stat(name, dir_fd=at, follow_symlinks=False)
            path = f"{inside}/{name}" if inside else name
            if stat.S_ISDIR(found.st_mode):
                yield Entry(path=path, bytes=0, is_folder=True)
            elif stat.S_ISREG(found.st_mode) and not name.startswith(WRITING):
                yield Entry(path=path, bytes=found.st_size)


def _size(name: str, folder: int) -> int | None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise WorkspaceRefused(f"{name} is a folder")
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _replace(name: str, data: bytes, folder: int) -> None:
    """Under another name first; then the name changes hands at once. A link or a device there is replaced, not used."""
    for left in os.listdir(folder):
        if left.startswith(WRITING):  # of a writer that died: we hold the lock, so nobody writes
            os.unlink(left, dir_fd=folder)
    beside = WRITING + secrets.token_hex(8)
    file = os.open(beside, WRITE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(file, "wb") as writing:
            writing.write(data)
            writing.flush()
            os.fsync(writing.fileno())
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise WorkspaceRefused(f"{name} cannot be written: {os.strerror(error.errno or 0)}") from None


def workspace_of(*, project: str, order: str) -> Workspace:
    """The workspace of an order, as the operator has set it."""
    from django.conf import settings

    return Workspace(
        root=Path(settings.NEXUS_WORKSPACES) / folder_of(project) / folder_of(order),
        most_bytes=settings.NEXUS_WORKSPACE_BYTES,
        most_files=settings.NEXUS_WORKSPACE_FILES,
        largest_file=min(settings.NEXUS_WORKSPACE_BYTES, 20_000_000),
    )
