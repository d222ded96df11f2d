"""A message in the private chat: a command, an answer to what was asked, or a new order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import telegram
from django.utils.translation import gettext as _

from apps.accounts.access import writable
from apps.api import orders
from nexus import engine
from workorders.flow import clarify, intake
from workorders.models import Project

from . import approvals, commands, files, following, inbox, markup, outbox, people
from .models import Account, Message, Reason

if TYPE_CHECKING:
    from .hearing import Heard

Kind = Message.Kind


def read(heard: Heard, message: telegram.Message) -> None:
    """Take what somebody wrote."""
    text = (message.text or message.caption or "").strip()
    if text.startswith("/") and message.text:
        commands.obey(heard, message, text)
    elif heard.account is None:
        ask_who(heard, message)
    elif not _answers(heard, heard.account, message, text):
        file(heard, heard.account, message, text)


def ask_who(heard: Heard, message: telegram.Message) -> None:
    """Tell a stranger how to say who they are; once, however much they write meanwhile."""
    with inbox.handled(heard.update):
        said = markup.safe(_("I do not know you yet. Get a code from Nexus (POST /api/telegram/codes), and send it: "
                             "/start CODE"))  # fmt: skip
        if not Message.objects.unsaid().filter(chat_id=message.chat_id, text=said).exists():
            outbox.say(message.chat_id, said)


def file(heard: Heard, account: Account, message: telegram.Message, text: str) -> None:
    """A new order, with its files."""
    project = project_of(account)
    name = account.user.get_username()
    kept = [files.keep(heard.client, one, project=str(project.pk), sender=name) for one in files.of(message)]
    if kept and not text:
        text = _("Voice message") if kept[0].kind == "audio" else _("See the attached file")
    with inbox.handled(heard.update):
        order = intake.accept(
            message=text, project=project, attachments=list(dict.fromkeys(one.public_id for one in kept)),
            channel="telegram", requester=name,
        )  # fmt: skip
        following.begin(order, chat_id=message.chat_id, reply_to=message.message_id)


def project_of(account: Account) -> Project:
    """Where their orders go: the only project, or `default`. Raise what orders.project_of raises."""
    caller = people.caller(account)
    reach = orders.reach_of(caller)
    mine = list(writable(caller).order_by("pk")[:2])
    return mine[0] if len(mine) == 1 else orders.project_of(reach, None)


def _answers(heard: Heard, account: Account, message: telegram.Message, text: str) -> bool:
    """Is it an answer to something that was asked? Then it is taken."""
    asked = _replied_to(message)
    if asked is not None and asked.kind == Kind.QUESTION:
        _answer(heard, account, asked.ref, text)
        return True
    if asked is not None and asked.kind == Kind.APPROVAL:
        approvals.respond(heard, account, int(asked.ref), text)
        return True
    waiting = Reason.objects.filter(account=account).select_related("approval", "button").first()
    if waiting is None or (asked is not None and asked.kind != Kind.REASON):
        return False
    approvals.reject(heard, waiting, text)
    return True


def _replied_to(message: telegram.Message) -> Message | None:
    if message.reply_to_message is None:
        return None
    said: Any = Message.objects.filter(chat_id=message.chat_id, number=message.reply_to_message.message_id)
    return said.first()  # type: ignore[no-any-return]


def _answer(heard: Heard, account: Account, public_id: str, text: str) -> None:
    order = people.order_to_change(account, public_id)
    if not text:
        raise engine.IllegalMove(_("Answer in words, please."))
    # Said twice, it is added once: whoever comes back to this update after a crash finds the words there.
    clarify.answer(order=order, text=text, actor=account.user.get_username())
    with inbox.handled(heard.update):
        outbox.say(account.telegram_id, _("Thank you. %(order)s goes on.") % {"order": f"<b>{order.public_id}</b>"},
                   kind=Kind.ORDER, ref=order.public_id)  # fmt: skip
