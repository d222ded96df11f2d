"""list_files, read_file, write_file: in the order's workspace."""

from __future__ import annotations

import hashlib
from typing import Annotated

from agents.tools.base import Where
from agents.tools.errors import ToolFailed
from agents.tools.registry import tool
from agents.workspace.errors import WorkspaceRefused
from agents.workspace.files import Workspace, workspace_of

PAGE = 20_000
"""Characters that are read at a time."""


def _of(where: Where) -> Workspace:
    return workspace_of(project=where.project, order=where.order)


@tool(effect="read")
def list_files(where: Where, folder: Annotated[str, "a folder of the workspace; empty for all of it"] = "") -> str:
    """List the files of this order's workspace, with their sizes in bytes."""
    try:
        found = _of(where).entries(folder)
    except WorkspaceRefused as error:
        raise ToolFailed(str(error)) from error
    return (
        "\n".join(f"{entry.path}/" if entry.is_folder else f"{entry.path}  {entry.bytes}" for entry in found) or "none"
    )


@tool(effect="read")
def read_file(
    where: Where,
    path: Annotated[str, "as list_files shows it"],
    offset: Annotated[int, "the character to begin at"] = 0,
) -> str:
    """Read a text file of this order's workspace, 20000 characters at a time."""
    try:
        data = _of(where).read(path)
    except WorkspaceRefused as error:
        raise ToolFailed(str(error)) from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{path} is no text: {len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
    shown = text[max(0, offset) : max(0, offset) + PAGE]
    end = max(0, offset) + len(shown)
    return shown if end >= len(text) else f"{shown}\n[{end} of {len(text)} characters; go on with offset {end}]"


@tool(effect="idempotent", untrusted=False)
def write_file(
    where: Where,
    path: Annotated[str, "folders are made as needed"],
    content: Annotated[str, "the whole file"],
) -> str:
    """Write a text file into this order's workspace, in place of the one that is there."""
    try:
        entry = _of(where).write(path, content.encode("utf-8", "replace"))
    except WorkspaceRefused as error:
        raise ToolFailed(str(error)) from error
    return f"Wrote {entry.path}, {entry.bytes} bytes"
