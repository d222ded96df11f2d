"""Photos, voice notes and documents of a message, as attachments of a project."""

from __future__ import annotations

from dataclasses import dataclass

import telegram
from telegram.error import BadRequest

from agents.attachments import keeping
from agents.attachments.models import Attachment

from .client import Client
from .errors import FileOutOfReach

MOST_BYTES = 20 * 1024 * 1024
"""What Telegram hands over."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file of a message."""

    file_id: str
    name: str
    said: str
    """The type that its sender names; of photos and voice notes Telegram does."""
    size: int


def of(message: telegram.Message) -> list[Sent]:
    """The files of a message: the largest of the sizes of a photo."""
    found = [message.voice, message.audio, message.document]
    sent = [_sent(one, message.message_id) for one in found if one is not None]
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        photo = Sent(file_id=largest.file_id, name=f"photo-{message.message_id}.jpg", said="", size=_size(largest))
        sent.append(photo)
    return sent


def keep(client: Client, sent: Sent, *, project: str, sender: str) -> Attachment:
    """Fetch a file and keep it. Raise FileOutOfReach, and what keeping.keep refuses."""
    if sent.size > MOST_BYTES:
        raise FileOutOfReach
    try:
        data = client.call(lambda bot: _fetched(bot, sent.file_id))
    except BadRequest as error:
        raise FileOutOfReach(str(error)) from None
    return keeping.keep(project=project, name=sent.name, data=data, said=sent.said, sender=sender)


async def _fetched(bot: telegram.Bot, file_id: str) -> bytes:
    file = await bot.get_file(file_id)
    return bytes(await file.download_as_bytearray(read_timeout=60))


def _sent(one: telegram.Voice | telegram.Audio | telegram.Document, number: int) -> Sent:
    name = getattr(one, "file_name", None) or f"voice-{number}.ogg"
    return Sent(file_id=one.file_id, name=name, said=one.mime_type or "", size=_size(one))


def _size(one: telegram.Voice | telegram.Audio | telegram.Document | telegram.PhotoSize) -> int:
    return one.file_size or 0
