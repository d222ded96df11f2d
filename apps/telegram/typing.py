"""Chats in which somebody waits for an order that is being worked on: they see that something is written."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from django.db.models import Exists, OuterRef
from telegram import Bot
from telegram.constants import ChatAction

from nexus import engine

from .client import Client
from .models import Following

EVERY = 4.5
"""Telegram shows it for five seconds."""
MOST = 25


class Typing:
    """When it was last shown."""

    def __init__(self) -> None:
        """Not yet."""
        self._shown_at = 0.0

    def show(self, client: Client) -> None:
        """Show it where it is due. Whether Telegram takes it matters to nobody."""
        if time.monotonic() - self._shown_at < EVERY:
            return
        self._shown_at = time.monotonic()
        works = engine.tasks.running().filter(run_id=OuterRef("order__run_id"))
        open_ones = Following.objects.filter(Exists(works), ended_at__isnull=True).order_by()
        chats = open_ones.values_list("chat_id", flat=True).distinct()[:MOST]
        client.call_all([_shown(chat) for chat in chats])


def _shown(chat: int) -> Callable[[Bot], Awaitable[bool]]:
    return lambda bot: bot.send_chat_action(chat, ChatAction.TYPING)
