"""Updates fetched from Telegram: kept together with the offset, so that none is lost and none is kept twice."""

from __future__ import annotations

import json
import logging
import threading

from django.db import transaction
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from . import inbox
from .client import Client, bot_id
from .models import Offset

log = logging.getLogger("nexus.telegram")
HOLD = 25
"""Seconds that Telegram keeps a question open while there is nothing new."""
PAUSE, LONG_PAUSE = 1.0, 5.0


def poll(client: Client, stopping: threading.Event) -> None:
    """Fetch updates until told to stop. Telegram away, or somebody else who polls: wait, and ask again."""
    while not stopping.is_set():
        try:
            fetch(client)
        except RetryAfter as error:
            stopping.wait(error._retry_after.total_seconds())  # noqa: SLF001 - the public one warns of its own future
        except Conflict as error:
            log.warning("telegram: %s. `manage.py telegram_webhook --delete` if a webhook is set.", error)
            stopping.wait(LONG_PAUSE)
        except InvalidToken:
            log.warning("telegram does not take TELEGRAM_BOT_TOKEN: look at it, and start the bot again")
            stopping.wait(12 * LONG_PAUSE)
        except TelegramError as error:
            log.warning("telegram cannot be asked: %s", error)
            stopping.wait(PAUSE)


def fetch(client: Client, *, hold: int = HOLD) -> int:
    """Ask once, and keep what comes; return how many. The next question tells Telegram that these are kept."""
    bot = bot_id()
    offset = Offset.objects.filter(bot=bot).values_list("next_update", flat=True).first()
    found = client.call(
        lambda bot: bot.get_updates(offset=offset or None, timeout=hold, allowed_updates=list(inbox.KINDS))
    )
    if found:
        payloads = [json.loads(one.to_json()) for one in found]
        with transaction.atomic():
            inbox.keep(payloads)
            last = max(one.update_id for one in found)
            # An update that comes again after later ones does not turn the offset back.
            Offset.objects.update_or_create(bot=bot, defaults={"next_update": max(last + 1, offset or 0)})
    return len(found)
