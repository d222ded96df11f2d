"""A message in the private chat: a command, an answer to what was asked, or a new order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import telegram
from django.utils.translation import gettext as _

from apps.accounts.access import writable
from workorders import offers
from workorders.flow import clarify, intake
from workorders.models import Project

from . import albums, approvals, commands, files, following, inbox, markup, outbox, people
from .errors import NotLikeThis
from .models import Account, Message, Reason

if TYPE_CHECKING:
    from .hearing import Heard

Kind = Message.Kind
USUAL = "default"


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
    project, name = project_of(account), account.user.get_username()
    messages, others = albums.gathered(heard.update, message)
    sent = [one for each in messages for one in files.of(each)]
    if account.workflow and sent:
        raise NotLikeThis(_("A workflow takes words alone. /workflow none, and send it again."))
    kept = [files.keep(heard.client, one, project=str(project.pk), sender=name) for one in sent]
    text = text or next((each.caption for each in messages if each.caption), "")
    if kept and not text.strip():
        text = _("Voice message") if kept[0].kind == "audio" else _("See the attached file")
    facts: dict[str, Any] = {"project": project, "channel": "telegram", "requester": name}
    with inbox.handled(heard.update):
        albums.close(others)
        if account.workflow:
            chat = f"telegram-{message.chat_id}"
            order = offers.file(name=account.workflow, text=text, conversation=chat, **facts)
        else:
            ids = list(dict.fromkeys(one.public_id for one in kept))
            order = intake.accept(message=text, attachments=ids, **facts)
        following.begin(order, chat_id=message.chat_id, reply_to=message.message_id)


def project_of(account: Account) -> Project:
    """Where their orders go: `default`, or else the first project that is theirs. Raise NotLikeThis."""
    may = writable(people.caller(account))
    # Who may do everything writes everywhere, and still has projects of their own.
    own = may.filter(memberships__user=account.user)
    found = own.filter(slug=USUAL).first() or own.order_by("pk").first() or may.filter(slug=USUAL).first()
    found = found or may.order_by("pk").first()
    if found is None:
        raise NotLikeThis(_("There is no project that you may file orders in."))
    return found


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
        raise NotLikeThis(_("Answer in words, please."))
    # Said twice, it is added once: whoever comes back to this update after a crash finds the words there.
    clarify.answer(order=order, text=text, actor=account.user.get_username())
    with inbox.handled(heard.update):
        outbox.say(account.telegram_id, _("Thank you. %(order)s goes on.") % {"order": f"<b>{order.public_id}</b>"},
                   kind=Kind.ORDER, ref=order.public_id)  # fmt: skip
