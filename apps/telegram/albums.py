"""Photos that were sent together: Telegram brings them one by one, and they are one request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import telegram
from django.db.models.functions import Now

from .errors import HandledAlready
from .models import Update

SETTLES = timedelta(seconds=1)
"""So long after the last photo of an album there comes none any more."""


def gathered(update: Update, message: telegram.Message) -> tuple[list[telegram.Message], Sequence[Update]]:
    """The messages of the album that begins with this one, and the other updates. Raise HandledAlready: not whole yet.

    The updates of a chat are handled in order, so whoever comes first takes all; it comes again in a moment.
    """
    if not message.media_group_id:
        return [message], []
    same = Update.objects.waiting().filter(
        chat_id=update.chat_id, payload__message__media_group_id=message.media_group_id
    )
    if same.filter(received_at__gt=Now() - SETTLES).exists():
        Update.objects.filter(pk=update.pk).update(due_at=Now() + SETTLES)
        raise HandledAlready
    others = list(same.exclude(pk=update.pk))
    more = [telegram.Update.de_json(one.payload, None).message for one in others]
    return [message, *(one for one in more if one is not None)], others


def close(others: Sequence[Update]) -> None:
    """The rest of an album was handled with its first."""
    Update.objects.filter(pk__in=[one.pk for one in others]).update(handled_at=Now())
