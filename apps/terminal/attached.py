"""Files that go along with a request: read before anything is started, sent before the request is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .client import Client
from .exits import USAGE, TerminalError

Json = dict[str, Any]
Files = Sequence[tuple[str, bytes]]


def read(paths: Sequence[str]) -> Files:
    """Name and bytes of each; a path that cannot be read is wrong usage."""
    return [_read(Path(path)) for path in paths]


def texts(paths: Sequence[str]) -> list[Json]:
    """Texts as they stand in the request itself; one that is no text is wrong usage."""
    return [{"name": name, "content": _text(name, data)} for name, data in read(paths)]


def along(client: Client, body: Json, files: Files) -> Json:
    """The request with the ids of its files, which are sent now."""
    if not files:
        return body
    fields = {"project": str(body["project"])} if "project" in body else {}
    sent = [client.upload("/api/v2/attachments", name=name, data=data, fields=fields) for name, data in files]
    return {**body, "attachments": [one["data"]["file_id"] for one in sent]}


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise TerminalError(f"{name} is no text in UTF-8; send it by --attach", code=USAGE) from None


def _read(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise TerminalError(f"{path} cannot be read: {error.strerror}", code=USAGE) from error
