"""Attachments as models are told of them: pictures and documents as blocks, sounds as what is said in them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from agents.attachments import keeping
from agents.attachments.models import Attachment
from agents.providers.messages import Block, Document, Image, Sound


def blocks(rows: Sequence[Attachment]) -> tuple[Block, ...]:
    """Pictures and documents, in their order. Sounds are left out: models that write do not listen."""
    return tuple(_block(row) for row in rows if row.kind != Attachment.Kind.AUDIO)


def sound(row: Attachment) -> Sound:
    """A sound, for a model that listens."""
    return Sound(media_type=row.media_type, name=row.name, data=_base64(row), seconds=row.seconds)


def told(row: Attachment) -> str:
    """A line about it, for whoever cannot see it: its name, what it is, how large, and what is said in it."""
    match row.kind:
        case Attachment.Kind.IMAGE:
            return f"{row.name}: picture, {row.width} × {row.height} pixels"
        case Attachment.Kind.AUDIO:
            return f"{row.name}: voice note: “{' '.join((row.transcript or '').split())}”"
        case _:
            return f"{row.name}: {row.media_type}, {row.size} bytes"


def _block(row: Attachment) -> Block:
    if row.kind == Attachment.Kind.IMAGE:
        return Image(media_type=row.media_type, data=_base64(row))
    return Document(media_type=row.media_type, name=row.name, data=_base64(row))


def _base64(row: Attachment) -> str:
    return base64.b64encode(keeping.bytes_of(row)).decode()
