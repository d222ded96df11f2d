"""A ZIP that others made -> its texts by path, or a refusal. Nothing is written, and nothing is repaired. Pure."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from .errors import BundleRefused

ENTRIES = 500
ONE_FILE = 2_000_000
IN_ALL = 10_000_000
RATIO = 100
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,7}")
KINDS = (".yaml", ".yml", ".json", ".md", ".txt")
SYMLINK, FOLDER, KIND = 0o120000, 0o040000, 0o170000
MADE_AT = (2026, 1, 1, 0, 0, 0)


def texts(data: bytes) -> dict[str, str]:
    """Path -> text of each file; raise BundleRefused, which says what and where."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise BundleRefused(f"This is no ZIP that can be read: {str(error)[:200]}") from None


def packed(files: Mapping[str, str]) -> bytes:
    """A ZIP of these; the same files, the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, MADE_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[path].encode())
    return target.getvalue()


def _read(archive: zipfile.ZipFile) -> dict[str, str]:
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise BundleRefused(f"A bundle has at most {ENTRIES} files")
    found: dict[str, str] = {}
    folded: dict[str, str] = {}
    left = IN_ALL
    for entry in entries:
        if entry.is_dir() and _is_safe(entry.filename.rstrip("/")):
            continue
        _check(entry)
        name = unicodedata.normalize("NFC", entry.filename).casefold()
        if name in folded:
            raise BundleRefused(f"{_shown(entry.filename)} and {_shown(folded[name])} are one name")
        folded[name] = entry.filename
        data = _bytes(archive, entry, most=min(ONE_FILE, left))
        left -= len(data)
        found[entry.filename] = _text(entry.filename, data)
    # A file where others see a folder.
    if clash := next((name for name in found for other in found if other.startswith(f"{name}/")), None):
        raise BundleRefused(f"{_shown(clash)} is a file and a folder")
    return found


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if getattr(entry, "orig_filename", name) != name or not _is_safe(name):
        raise BundleRefused(f"{_shown(name)} is no relative path of plain names")
    if (entry.external_attr >> 16) & KIND not in (0, 0o100000):
        raise BundleRefused(f"{_shown(name)} is a link or a device")
    if entry.flag_bits & 0x1:
        raise BundleRefused(f"{_shown(name)} is encrypted")
    if not name.endswith(KINDS):
        raise BundleRefused(f"{_shown(name)} is none of {', '.join(KINDS)}")


def _is_safe(name: str) -> bool:
    return SAFE.fullmatch(name) is not None and ".." not in PurePosixPath(name).parts


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, most: int) -> bytes:
    """What is really there: the header's own word is not asked."""
    with archive.open(entry) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BundleRefused(f"{_shown(entry.filename)} is too large, or the bundle is")
    if len(data) > RATIO * max(entry.compress_size, 1) + 10_000:
        raise BundleRefused(f"{_shown(entry.filename)} is packed more than {RATIO} to 1")
    return data


def _text(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise BundleRefused(f"{_shown(name)} is not UTF-8") from None
    if "\0" in text:
        raise BundleRefused(f"{_shown(name)} holds a character that is not text")
    return text.removeprefix("\ufeff")


def _shown(name: str) -> str:
    return ascii(name[:80])
