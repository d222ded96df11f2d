"""What is to be said, as rows; and saying it. A row says what a message shall show; the newest version wins."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now
from telegram import Bot, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from nexus.transactions import requires_transaction

from . import markup
from .client import Client
from .models import Account, Chat, Message

log = logging.getLogger("nexus.telegram")
CHANNEL = "nexus_telegram"
"""Postgres tells the bot here that there is something to hear or to say."""
AT_ONCE = 25
"""Messages sent side by side: Telegram takes about thirty a second of a bot."""
LONGEST_BUTTON = 30
GIVE_UP_AFTER = timedelta(hours=24)
SLOWEST = 60.0
MODIFIED = "message is not modified"
UNREADABLE = "can't parse entities"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")


@requires_transaction
def say(chat_id: int, text: str, **more: Any) -> Message:
    """Say `text` (HTML) in a chat, once the caller's transaction is committed. `more` are columns of Message."""
    message = Message.objects.create(chat_id=chat_id, text=text, **more)
    call("say")
    return message


@requires_transaction
def say_all(chat_id: int, pieces: Sequence[str], **more: Any) -> None:
    """Say several things, in this order."""
    for piece in pieces:
        say(chat_id, piece, **more)


def say_instead(message: Message, text: str, *, buttons: list[Any] | None = None) -> bool:
    """Let a message say this; False when it does already. Buttons that are not given again are gone."""
    if (message.text, message.buttons) == (text, buttons or []):
        return False
    Message.objects.filter(pk=message.pk).update(text=text, buttons=buttons or [], version=F("version") + 1)
    call("say")
    return True


def call(what: str) -> None:
    """Wake the bot, when the transaction commits: there is something to `hear`, or to `say`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, what])


def send_due(client: Client) -> int:
    """Send what may be said now, one message a chat; return how many were tried."""
    due = list(Message.objects.sayable()[:AT_ONCE])
    answers = client.call_all([_act(message) for message in due])
    for message, answer in zip(due, answers, strict=True):
        if isinstance(answer, BadRequest) and UNREADABLE in str(answer).lower():
            # What Telegram cannot read as HTML is said without any.
            _note(message, *client.call_all([_act(message, as_html=False)]))
        else:
            _note(message, answer)
    return len(due)


def _act(message: Message, *, as_html: bool = True) -> Callable[[Bot], Awaitable[Any]]:
    text, mode = (message.text, "HTML") if as_html else (markup.plain(message.text), None)
    keyboard = _keyboard(message)
    if message.number is not None:
        return lambda bot: bot.edit_message_text(
            text, message.chat_id, message.number, parse_mode=mode, reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )  # fmt: skip
    answers = message.reply_to and ReplyParameters(message.reply_to, allow_sending_without_reply=True)
    if message.file_name:
        file = BytesIO(message.file_body.encode())
        return lambda bot: bot.send_document(
            message.chat_id, file, filename=message.file_name, caption=text, parse_mode=mode,
            reply_parameters=answers or None,
        )  # fmt: skip
    reply: Any = ForceReply(selective=True) if message.wants_reply else keyboard
    return lambda bot: bot.send_message(
        message.chat_id, text, parse_mode=mode, reply_markup=reply, reply_parameters=answers or None,
        link_preview_options=NO_PREVIEW,
    )  # fmt: skip


NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    buttons = [InlineKeyboardButton(label[:LONGEST_BUTTON], callback_data=data) for label, data in message.buttons]
    return InlineKeyboardMarkup([buttons]) if buttons else None


def _note(message: Message, answer: Any) -> None:
    """Write down what became of it. Between the sending and this the process may die: then it is said once more."""
    if not isinstance(answer, BaseException) or (isinstance(answer, BadRequest) and MODIFIED in str(answer).lower()):
        _said(message, getattr(answer, "message_id", None))
    elif isinstance(answer, RetryAfter):
        # Nothing of this chat is tried before that: asking earlier makes Telegram's pause longer.
        pause = answer._retry_after.total_seconds()  # noqa: SLF001 - the public one warns of its own future
        log.warning("telegram asks chat %d to wait for %g s", message.chat_id, pause)
        _keep_quiet(message.chat_id, pause)
    elif isinstance(answer, Forbidden):
        _give_up(Message.objects.unsaid().filter(chat_id=message.chat_id), str(answer))
        Account.objects.filter(telegram_id=message.chat_id, blocked_at__isnull=True).update(blocked_at=Now())
    elif isinstance(answer, BadRequest) and any(word in str(answer).lower() for word in GONE):
        Message.objects.filter(pk=message.pk).update(number=None, due_at=Now())  # it was deleted: say it anew
    elif isinstance(answer, BadRequest | ChatMigrated):
        log.error("telegram refuses message %d: %s", message.pk, answer)
        _give_up(Message.objects.filter(pk=message.pk), str(answer))
    elif isinstance(answer, TelegramError):
        _try_later(message, answer)
    else:
        # A bug, here or in the client: it may have been said, so it is not tried for a day.
        log.error("telegram: message %d", message.pk, exc_info=answer)
        _try_later(message, answer, most=3)


def _said(message: Message, number: int | None) -> None:
    shown = {"shown": message.version, "tries": 0, "error": ""}
    if message.number is None:
        shown |= {"number": number, "sent_at": Now()}
    Message.objects.filter(pk=message.pk).update(
        due_at=Now() + timedelta(seconds=settings.TELEGRAM_EDIT_EVERY), **shown
    )
    _keep_quiet(message.chat_id, settings.TELEGRAM_WRITE_EVERY)


def _keep_quiet(chat_id: int, seconds: float) -> None:
    free_at = Now() + timedelta(seconds=seconds)
    Chat.objects.update_or_create(chat_id=chat_id, defaults={"free_at": free_at})


def _give_up(messages: Any, why: str) -> None:
    messages.update(given_up_at=Now(), error=why[:1_000])


def _try_later(message: Message, error: BaseException, *, most: int = 10_000) -> None:
    """Telegram is away or fails: again, less and less often, for a day."""
    log.warning("telegram: message %d: %s: %s", message.pk, type(error).__name__, error)
    pause = timedelta(seconds=min(SLOWEST, 0.5 * 2 ** min(message.tries, 10)))
    mine = Message.objects.filter(pk=message.pk)
    mine.update(due_at=Now() + pause, tries=F("tries") + 1, error=str(error)[:1_000])
    _give_up(mine.filter(Q(created_at__lt=Now() - GIVE_UP_AFTER) | Q(tries__gte=most)), str(error))
