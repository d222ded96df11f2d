"""One update: whose it is, and what becomes of it."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

import telegram
from django.db import DatabaseError, InterfaceError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from nexus import engine
from nexus.errors import NexusError

from . import inbox, markup, outbox, people, presses, words, writing
from .client import Client
from .errors import HandledAlready
from .models import Account, Message, Update

log = logging.getLogger("nexus.telegram")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An update that has a sender, and who they are here."""

    update: Update
    told: telegram.Update
    sender: telegram.User
    account: Account | None
    client: Client


def hear(update: Update, client: Client) -> None:
    """Do what an update asks for. Whatever it holds, it does not stop those after it."""
    try:
        told = telegram.Update.de_json(update.payload, None)
        sender = told.effective_user
    except Exception as error:  # noqa: BLE001 - it came from outside, and no later one may wait for it
        _skip(update, f"{type(error).__name__}: it cannot be read")
        return
    if sender is None or sender.is_bot:
        _skip(update, "nobody sent it")
        return
    account = people.of_telegram(sender.id)
    spoken = people.in_language_of(account, sender.language_code or "")
    with spoken, engine.through("telegram"), suppress(HandledAlready):
        _act(Heard(update=update, told=told, sender=sender, account=account, client=client))


def _act(heard: Heard) -> None:
    try:
        _route(heard)
    except HandledAlready:
        raise
    except (DatabaseError, InterfaceError):
        raise  # the bot waits for the database, and comes back to it
    except NexusError as refused:
        _tell(heard, words.refusal(refused.code, str(refused)), error=f"{refused.code}: {refused}")
    except Exception as error:  # one update's bug is not another's
        log.exception("telegram update %d failed", heard.update.pk)
        if not inbox.try_again(heard.update, f"{type(error).__name__}: {error}"):
            _tell(heard, _("Something went wrong here. It was written down; please try again."))
        return
    _skip(heard.update, "")


def _route(heard: Heard) -> None:
    told = heard.told
    if told.callback_query is not None:
        presses.press(heard, told.callback_query)
    elif told.my_chat_member is not None:
        _stop_or_start(heard, told.my_chat_member)
    elif told.message is not None and told.message.chat.type != telegram.constants.ChatType.PRIVATE:
        if (told.message.text or "").startswith("/"):
            _tell(heard, _("I work in private chats: write to me there."))
    elif told.message is not None:
        writing.read(heard, told.message)


def _stop_or_start(heard: Heard, changed: telegram.ChatMemberUpdated) -> None:
    """They have stopped the bot, or started it again."""
    is_gone = changed.new_chat_member.status in ("kicked", "left")
    with inbox.handled(heard.update):
        Account.objects.filter(telegram_id=heard.sender.id).update(blocked_at=Now() if is_gone else None)


def _tell(heard: Heard, text: str, *, error: str = "") -> None:
    """Answer, once, and be done with the update. One who has such an answer waiting gets no second."""
    chat = heard.told.effective_chat
    with inbox.handled(heard.update):
        Update.objects.filter(pk=heard.update.pk).update(error=error[:1_000])
        said = markup.safe(text)
        if chat is not None and not Message.objects.unsaid().filter(chat_id=chat.id, text=said).exists():
            outbox.say(chat.id, said)


def _skip(update: Update, why: str) -> None:
    Update.objects.filter(pk=update.pk, handled_at__isnull=True).update(handled_at=Now(), error=why)
