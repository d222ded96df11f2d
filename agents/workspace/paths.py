"""What a path in a workspace may look like. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from .errors import WorkspaceRefused

LONGEST_NAME = 240
"""Bytes; with what a file is called while it is written this stays below what a disk takes."""
DEEPEST = 20
WRITING = ".writing-"
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,100}")


def parts_of(path: str) -> tuple[str, ...]:
    """The names on the way, from the workspace down; empty for the workspace itself. Raise WorkspaceRefused."""
    if path.startswith("/") or "\\" in path or re.match(r"[A-Za-z]:", path):
        raise WorkspaceRefused("A path begins in the workspace, and its folders are divided by /")
    names = tuple(_named(name) for name in path.rstrip("/").split("/")) if path.rstrip("/") not in ("", ".") else ()
    if len(names) > DEEPEST:
        raise WorkspaceRefused(f"A path is at most {DEEPEST} folders deep")
    return names


def _named(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)  # what looks the same is the same file
    if composed in ("", ".", "..") or composed != composed.strip():
        raise WorkspaceRefused(f"{name!r} is no name of a file or a folder")
    # Control characters, halves of pairs, and what turns the direction of writing or has no width.
    if any(unicodedata.category(sign).startswith("C") for sign in composed):
        raise WorkspaceRefused("A name is made of characters that can be seen")
    if len(composed.encode("utf-8")) > LONGEST_NAME:
        raise WorkspaceRefused(f"A name is at most {LONGEST_NAME} bytes long")
    if composed.startswith(WRITING):
        raise WorkspaceRefused(f"A name does not begin with {WRITING}")
    return composed


def folder_of(name: str) -> str:
    """A name of ours as a folder on a disk: itself where it is plain, else a hash."""
    return name if PLAIN.fullmatch(name) else "x" + hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:40]
