"""A multipart form, as files are sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
ATTRIBUTE = re.compile(r'\b(name|filename)="((?:\\.|[^"\\])*)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A file in a form."""

    filename: str | None
    content_type: str
    data: bytes = field(repr=False)


def read(body: bytes, content_type: str) -> dict[str, str | Part] | None:
    """The fields of a form, files as parts, the last of each name; None where the bytes are no form."""
    boundary = BOUNDARY.search(content_type)
    if boundary is None:
        return None
    found: dict[str, str | Part] = {}
    mark = b"--" + boundary[1].encode()
    # The line break before a boundary belongs to the boundary; what stands before the first one is nothing.
    for piece in (b"\r\n" + body).split(b"\r\n" + mark)[1:]:
        if piece.startswith(b"--"):
            return found
        head, divider, data = piece.partition(b"\r\n\r\n")
        if not divider:
            return None
        lines = head.decode("utf-8", "replace")
        named = dict(ATTRIBUTE.findall(lines))
        if "filename" in named:
            kind = re.search(r"(?im)^content-type:\s*([^\r\n;]+)", lines)
            found[named["name"]] = Part(
                filename=named["filename"], content_type=kind[1] if kind else "application/octet-stream", data=data
            )
        elif "name" in named:
            found[named["name"]] = data.decode("utf-8", "replace")
    return None
