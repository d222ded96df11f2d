"""Files that come with a request: kept for a project, or found there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from agents.attachments import keeping
from agents.attachments.errors import AttachmentRefused
from agents.attachments.models import Attachment
from apps.accounts.access import Caller


def kept(files: Sequence[Mapping[str, Any]], *, project: str, caller: Caller) -> list[Attachment]:
    """Each as an attachment, in their order. Raise what is to be said of the first that is not taken."""
    return [_kept(file, place, project, caller) for place, file in enumerate(files)]


def view(row: Attachment) -> dict[str, Any]:
    """An attachment as it is shown."""
    return {
        "file_id": row.public_id,
        "filename": row.name,
        "kind": row.kind,
        "content_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "width": row.width or None,
        "height": row.height or None,
        "transcript": row.transcript,
        "created_at": row.created_at.isoformat(),
        "url": f"/api/v2/attachments/{row.public_id}/content",
    }


def _kept(file: Mapping[str, Any], place: int, project: str, caller: Caller) -> Attachment:
    if ("data" in file) == ("file_id" in file):
        raise AttachmentRefused("A file has data, or a file_id", pointer=f"/files/{place}")
    if "file_id" in file:
        return keeping.of_project(project, [file["file_id"]])[0]
    try:
        data = base64.b64decode(file["data"], validate=True)
    except (binascii.Error, ValueError):
        raise AttachmentRefused("This is not base64", pointer=f"/files/{place}/data") from None
    if "size" in file and file["size"] != len(data):
        raise AttachmentRefused(f"These are {len(data)} bytes", pointer=f"/files/{place}/size")
    sender = caller.user.get_username()
    return keeping.keep(project=project, name=file["filename"], data=data, said=file["content_type"], sender=sender)
