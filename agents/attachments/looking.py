"""From bytes to what they really are, or a refusal. What a sender says of them is only compared."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from agents.attachments import papers, pictures, sounds
from agents.attachments.errors import AttachmentRefused, AttachmentTooLarge

UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Types that say nothing."""
DRAWINGS = frozenset({"image/svg+xml", "image/svg"})
SAYS = {
    "image": ("image/",),
    "audio": ("audio/", "video/webm", "video/mp4", "application/ogg"),
    "application/pdf": ("application/pdf", "application/x-pdf"),
    "text/plain": (
        "text/", "application/json", "application/xml", "application/yaml", "application/x-yaml", "application/toml",
        "application/x-sh", "application/javascript", "application/csv",
    ),
}  # fmt: skip
"""What may be said of each kind of file."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file as it is kept."""

    kind: str
    media_type: str
    data: bytes
    width: int = 0
    height: int = 0
    seconds: int = 0

    @property
    def sha256(self) -> str:
        """Of the bytes that are kept."""
        return hashlib.sha256(self.data).hexdigest()


def look(data: bytes, *, said: str = "", at_most: int) -> Found:
    """What `data` is. `said` is the content type that its sender names.

    AttachmentTooLarge beyond `at_most` bytes; AttachmentRefused for what is empty, unknown, broken, or not what it is
    said to be.
    """
    if not data:
        raise AttachmentRefused("The file is empty", reason="empty")
    if len(data) > at_most:
        raise AttachmentTooLarge(f"A file has at most {at_most} bytes", at_most=at_most)
    said = said.partition(";")[0].strip().lower()
    found = None if said in DRAWINGS else _found(data)
    if found is None:
        raise AttachmentRefused(
            "Pictures are PNG, JPEG, GIF or WebP; documents are PDF or text in UTF-8; sounds are WAV, MP3, Ogg, FLAC, "
            "M4A or WebM",
            reason="unknown_type",
        )
    if said not in UNSAID and not said.startswith(SAYS[found.kind if found.kind in SAYS else found.media_type]):
        raise AttachmentRefused(f"It is said to be {said[:80]}, and is {found.media_type}", reason="type_mismatch")
    return found


def _found(data: bytes) -> Found | None:
    if papers.is_pdf(data):
        return Found(kind="document", media_type="application/pdf", data=data)
    if (sound := sounds.read(data)) is not None:
        return Found(kind="audio", media_type=sound[0], data=data, seconds=sound[1])
    if (text := papers.text_of(data)) is not None:
        drawing = papers.is_drawing(text)
        return None if drawing else Found(kind="document", media_type="text/plain", data=text.encode())
    if (seen := pictures.written_anew(data)) is not None:
        return Found(kind="image", media_type=seen.media_type, data=seen.data, width=seen.width, height=seen.height)
    return None
