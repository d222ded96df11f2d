"""Bytes into the storage, a row beside them, within the project's quota; and back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from agents import tokens
from agents.attachments import looking
from agents.attachments.errors import AttachmentLost, QuotaExceeded, UnknownAttachment
from agents.attachments.looking import Found
from agents.attachments.models import Attachment, Shelf
from nexus.transactions import requires_transaction

LONGEST_NAME = 200


def keep(*, project: str, name: str, data: bytes, said: str = "", sender: str = "") -> Attachment:
    """Look at a file, keep it, return its row: the one that is there where the project has this file already.

    AttachmentRefused, AttachmentTooLarge, QuotaExceeded.
    """
    found = looking.look(data, said=said, at_most=settings.NEXUS_ATTACHMENT_BYTES)
    row = _row(found, project=project, name=name, sender=sender)
    kept = Attachment.objects.filter(project=project, sha256=row.sha256, name=row.name).first()
    if kept is None and not _has_room(project, row.size):
        raise _full()
    # The bytes first: a row promises that they are there. Bytes without a row are found again by their name.
    _store(row.path, found.data)
    if kept is not None:
        return kept
    with transaction.atomic():
        return _filed(row)


def of_project(project: str, public_ids: Sequence[str]) -> list[Attachment]:
    """The attachments of these ids, in their order; UnknownAttachment for the first that the project does not have."""
    found = {row.public_id: row for row in Attachment.objects.filter(project=project, public_id__in=public_ids)}
    for place, public_id in enumerate(public_ids):
        if public_id not in found:
            raise UnknownAttachment(
                f"There is no file {public_id[:48]!r} in this project", pointer=f"/attachments/{place}"
            )
    return [found[public_id] for public_id in public_ids]


def bytes_of(row: Attachment) -> bytes:
    """The bytes as they were kept, or AttachmentLost."""
    try:
        with default_storage.open(row.path) as file:
            data: bytes = file.read()
    except OSError as error:
        raise AttachmentLost(f"The bytes of {row.public_id} cannot be read: {type(error).__name__}") from None
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise AttachmentLost(f"The bytes of {row.public_id} are not those that were kept")
    return data


def _row(found: Found, *, project: str, name: str, sender: str) -> Attachment:
    return Attachment(
        public_id=f"att-{uuid4()}",
        project=project,
        sha256=found.sha256,
        name=_plain(name) or found.kind,
        kind=found.kind,
        media_type=found.media_type,
        size=len(found.data),
        width=found.width,
        height=found.height,
        seconds=found.seconds,
        sender=sender[:200],
    )


def _plain(name: str) -> str:
    """The last part of a path, of signs that can be shown; the end of a long one, which says what it is."""
    last = tokens.clean(name).replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-LONGEST_NAME:]


@requires_transaction
def _filed(row: Attachment) -> Attachment:
    """The row, written by us or by whoever was first, and its size on the project's shelf."""
    Shelf.objects.bulk_create([Shelf(project=row.project)], ignore_conflicts=True)
    # Two that send side by side wait here for each other: the second sees what the first has taken.
    shelf = Shelf.objects.select_for_update(no_key=True).get(project=row.project)
    kept = Attachment.objects.filter(project=row.project, sha256=row.sha256, name=row.name).first()
    if kept is not None:
        return kept
    room = settings.NEXUS_ATTACHMENT_QUOTA - row.size
    if not Shelf.objects.filter(pk=shelf.pk, used__lte=room).update(used=F("used") + row.size):
        raise _full()
    row.save(force_insert=True)
    return row


def _has_room(project: str, size: int) -> bool:
    """A look ahead, so that a full project writes no bytes; the shelf itself decides."""
    used = Shelf.objects.filter(project=project).values_list("used", flat=True).first() or 0
    return bool(used + size <= settings.NEXUS_ATTACHMENT_QUOTA)


def _full() -> QuotaExceeded:
    most = settings.NEXUS_ATTACHMENT_QUOTA
    return QuotaExceeded(f"The files of a project have at most {most} bytes together", at_most=most)


def _store(path: str, data: bytes) -> None:
    # One that was cut off by a crash has another size; it is written again. The path is the hash of the bytes, so
    # whoever else writes it writes the same.
    if default_storage.exists(path):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)
    name = default_storage.save(path, ContentFile(data))
    if name != path:
        default_storage.delete(name)  # somebody stored the same bytes in the same moment
