"""A button: who may press it, and what it does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import telegram
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from telegram.error import TelegramError

from nexus.errors import NexusError

from . import approvals, cards, inbox, markup, people, words
from .models import Button

if TYPE_CHECKING:
    from .client import Client
    from .hearing import Heard

log = logging.getLogger("nexus.telegram")
LONGEST_POPUP = 190


def press(heard: Heard, query: telegram.CallbackQuery) -> None:
    """Decide by a button, or say in a popup why not: then nothing was changed."""
    button = Button.objects.filter(token=query.data or "").select_related(
        "card__account__user", "card__message", "card__approval__run"
    ).first()  # fmt: skip
    refusal = _refusal(heard, query, button)
    if refusal or button is None:
        _pop_up(heard.client, query, refusal or _("This button is not good any more."))
        return
    try:
        said = _decide(heard, button)
    except NexusError as refused:
        _pop_up(heard.client, query, words.refusal(refused.code, str(refused)))
        return
    _pop_up(heard.client, query, said, alert=False)


def _refusal(heard: Heard, query: telegram.CallbackQuery, button: Button | None) -> str:
    """Why this press does nothing; empty where it may do something."""
    if button is None:
        return _("This button is not good any more.")
    card, chat = button.card, query.message.chat.id if query.message else None
    if heard.account is None or card.account_id != heard.account.pk or card.account.telegram_id != chat:
        return _("This is for somebody else to decide.")
    if query.message and query.message.message_id != card.message.number:
        return _("This button is not good any more.")
    if card.approval.outcome is not None:
        return markup.cut(markup.plain(cards.decided(card.approval)), LONGEST_POPUP)
    if button.used_at is not None or button.expires_at <= timezone.now():
        return _("This button is not good any more.")
    if not people.may_decide(card.approval, [heard.account]):
        return _("This is for somebody else to decide.")
    return ""


def _decide(heard: Heard, button: Button) -> str:
    card = button.card
    if button.word == "reject":
        approvals.ask_reason(heard, card.account, card.approval, hash_=button.hash, button=button)
        return _("Tell me why.")
    # The engine lets one decide. Only then is the button spent: who dies between the two comes back, and finds it so.
    decided = approvals.decide(card.account, card.approval, "approve", hash_=button.hash)
    with inbox.handled(heard.update):
        Button.objects.filter(pk=button.pk).update(used_at=Now())
    if decided.outcome is None:
        return _("Your word is kept; others have to agree as well.")
    return markup.plain(words.outcome(decided.outcome))


def _pop_up(client: Client, query: telegram.CallbackQuery, text: str, *, alert: bool = True) -> None:
    """End the waiting on their screen. It may be too late for that; what was decided stands."""
    said = markup.cut(text, LONGEST_POPUP)
    try:
        client.call(lambda bot: bot.answer_callback_query(query.id, text=said, show_alert=alert))
    except TelegramError as error:
        log.info("a press was not answered: %s", error)
