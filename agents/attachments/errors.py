"""What is refused of files."""

from __future__ import annotations

from nexus.errors import NexusError


class AttachmentRefused(NexusError):
    """This file is not taken."""

    code = "attachment_refused"


class AttachmentTooLarge(NexusError):
    """This file is larger than is taken."""

    code = "attachment_too_large"


class QuotaExceeded(NexusError):
    """The project's files have reached their quota."""

    code = "attachment_quota_exceeded"


class UnknownAttachment(NexusError):
    """There is no such file in this project."""

    code = "unknown_attachment"


class AttachmentLost(NexusError):
    """The bytes of a file are not in the storage, or are others than were kept."""

    # Not refused at once: a storage that is away comes back, and a backup may.
    code = "attachment_lost"
    disposition = "retry"
