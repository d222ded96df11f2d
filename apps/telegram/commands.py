"""What the bot obeys, as a table: the menu, /help and the answers come from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import telegram
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nexus import engine
from workorders import offers
from workorders.flow import decide as moves
from workorders.flow import escalate
from workorders.models import WorkOrder

from . import approvals, following, inbox, markup, outbox, people, told, words, writing
from .errors import NotLikeThis
from .models import Account, Message, Reason

if TYPE_CHECKING:
    from .client import Client
    from .hearing import Heard

ORDER = re.compile(r"WO-[0-9]{8}-[0-9]{1,12}", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class Said:
    """A command, and who says it where."""

    heard: Heard
    account: Account
    message: telegram.Message
    words: str
    """What stands behind the command."""

    @property
    def actor(self) -> str:
        """Who they are here."""
        return str(self.account.user.get_username())

    def aim(self) -> tuple[str, str]:
        """The order that is meant, and the words after it: the one that is named, replied to, or was asked for last."""
        first, _space, rest = self.words.partition(" ")
        if ORDER.fullmatch(first):
            return first.upper(), rest.strip()
        replied = self.message.reply_to_message
        said: Any = Message.objects.filter(chat_id=self.message.chat_id, number=replied.message_id) if replied else None
        about = said.filter(kind__in=(Message.Kind.ORDER, Message.Kind.QUESTION)).first() if replied else None
        public_id = about.ref if about else following.last_of(self.message.chat_id)
        if not public_id:
            raise engine.NotThere
        return public_id, self.words

    def answer(self, text: str, **more: Any) -> None:
        """Say it in the chat, and be done with the update."""
        with inbox.handled(self.heard.update):
            outbox.say_all(self.message.chat_id, markup.split(text), **more)


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing that can be said."""

    usage: str
    about: Any
    act: Callable[[Said], None]


def obey(heard: Heard, message: telegram.Message, text: str) -> None:
    """Do what a command says. Who is not known may only say who they are."""
    name, _space, rest = text[1:].partition(" ") if " " in text else text[1:].partition("\n")
    name = name.partition("@")[0].lower()
    if name == "start" and rest.strip():
        _link(heard, message, rest.strip())
    elif heard.account is None:
        writing.ask_who(heard, message)
    else:
        said = Said(heard=heard, account=heard.account, message=message, words=rest.strip())
        COMMANDS.get(name, COMMANDS["help"]).act(said)


def tell_telegram(client: Client) -> None:
    """Give Telegram the menu, in every language."""
    for code, short in (("en", None), ("zh-hans", "zh")):
        with translation.override(code):
            menu = [telegram.BotCommand(name, str(one.about)) for name, one in COMMANDS.items()]
        client.call(lambda bot, menu=menu, short=short: bot.set_my_commands(menu, language_code=short))  # type: ignore[misc]


def _link(heard: Heard, message: telegram.Message, code: str) -> None:
    spoken = people.language_of(heard.sender.language_code)
    sender = heard.sender
    with inbox.handled(heard.update):
        account = people.link(code, telegram_id=sender.id, username=sender.username or "", language=spoken)
        approvals.show_all(account)
        outbox.say(message.chat_id, gettext("Hello. You are %(user)s here. Write what you need; /help says more.")
                   % {"user": f"<b>{markup.safe(account.user.get_username())}</b>"})  # fmt: skip


def _help(said: Said) -> None:
    lines = [f"/{name} {markup.safe(one.usage)}".rstrip() + f" – {one.about}" for name, one in COMMANDS.items()]
    first = gettext("Write what you need, or send a photo, a document or a voice message: it becomes a work order.")
    said.answer("\n".join([first, "", *lines]))


def _new(said: Said) -> None:
    if not said.words:
        raise NotLikeThis(gettext("Say what you need: /new and your request."))
    writing.file(said.heard, said.account, said.message, said.words)


def _status(said: Said) -> None:
    if ORDER.match(said.words) or said.message.reply_to_message:
        order = people.order_of(said.account, said.aim()[0])
        said.answer(told.order(order), kind=Message.Kind.ORDER, ref=order.public_id)
    else:
        said.answer(told.counts(said.account))


def _moved(act: Callable[[WorkOrder, str, str], None]) -> Callable[[Said], None]:
    """A command that tells an order something, with a reason."""

    def tell(said: Said) -> None:
        public_id, reason = said.aim()
        order = people.order_to_change(said.account, public_id)
        act(order, reason, said.actor)
        # The live message of the order tells the rest; this is the answer to who asked.
        said.answer(told.order(order), kind=Message.Kind.ORDER, ref=order.public_id)

    return tell


def _retry(order: WorkOrder, reason: str, actor: str) -> None:
    """Drive again what died; where nothing has, let go on what waits for a budget or for a word."""
    try:
        moves.redrive(run_id=order.run_id, reason=reason, actor=actor)
    except engine.IllegalMove:
        moves.release(run_id=order.run_id, reason=reason, actor=actor)


def _cancel(order: WorkOrder, reason: str, actor: str) -> None:
    engine.cancel(run_id=order.run_id, reason=reason, actor=actor)


def _pause(order: WorkOrder, reason: str, actor: str) -> None:
    engine.pause(run_id=order.run_id, reason=reason, actor=actor)


def _resume(order: WorkOrder, reason: str, actor: str) -> None:
    engine.resume(run_id=order.run_id, reason=reason, actor=actor)


def _escalate(said: Said) -> None:
    public_id, reason = said.aim()
    order = people.order_to_change(said.account, public_id)
    escalate.escalate(run_id=order.run_id, actor=said.actor, reason=reason, to_board=True)
    said.answer(f"<b>{order.public_id}</b> " + gettext("The order is held, and the Board is called."),
                kind=Message.Kind.ORDER, ref=order.public_id)  # fmt: skip


def _workflow(said: Said) -> None:
    """What is written from now on is a request to that workflow; without a name, of no workflow any more."""
    offered = offers.names(writing.project_of(said.account))
    name = "" if said.words.lower() in ("none", "off") else said.words
    if not said.words:
        now = said.account.workflow or gettext("none")
        said.answer(gettext("Requests go to: %(now)s. There are: %(names)s.")
                    % {"now": markup.safe(now), "names": markup.safe(", ".join(offered)) or "–"})  # fmt: skip
        return
    if name and name not in offered:
        raise NotLikeThis(gettext("There is no workflow of this name."))
    Account.objects.filter(pk=said.account.pk).update(workflow=name)
    said.answer(gettext("Requests go to: %(now)s.") % {"now": markup.safe(name or gettext("none"))})


def _approve(said: Said) -> None:
    approval, _rest = _approval(said)
    decided = approvals.decide(said.account, approval, "approve", hash_=approvals.seen(said.account, approval))
    if decided.outcome is None:
        said.answer(gettext("Your word is kept; others have to agree as well."))
    else:
        said.answer(f"<b>{decided.run.subject}</b> {words.outcome(decided.outcome)}")


def _reject(said: Said) -> None:
    approval, reason = _approval(said)
    hash_ = approvals.seen(said.account, approval)
    if not reason:
        approvals.ask_reason(said.heard, said.account, approval, hash_=hash_)
        return
    decided = approvals.decide(said.account, approval, "reject", hash_=hash_, reason=reason)
    said.answer(f"<b>{decided.run.subject}</b> {words.outcome(decided.outcome)}")


def _approval(said: Said) -> tuple[engine.Approval, str]:
    """The approval that is meant, by its order or by its number, and the words after it."""
    first, _space, rest = said.words.partition(" ")
    mine = people.approvals_of(said.account)
    if ORDER.fullmatch(first):
        found = list(mine.waiting().filter(run__subject=first.upper())[:2])
    elif NUMBER.fullmatch(first):
        found = list(mine.filter(pk=int(first))[:2])
    else:
        found, rest = list(mine.for_person(said.actor)[:2]), said.words
    if not found:
        raise NotLikeThis(gettext("Nothing here waits for your decision."))
    if len(found) > 1:
        numbers = ", ".join(str(one.pk) for one in found)
        raise NotLikeThis(gettext("More than one waits: name it by its number, such as %(n)s.") % {"n": numbers})
    return found[0], rest.strip()


def _keep(said: Said) -> None:
    forgotten, _rows = Reason.objects.filter(account=said.account).delete()
    said.answer(gettext("Nothing was rejected.") if forgotten else gettext("You were asked for no reason."))


COMMANDS: dict[str, Command] = {
    "new": Command(usage="<text>", about=_("File a work order"), act=_new),
    "status": Command(usage="[id]", about=_("How things stand, or how an order does"), act=_status),
    "list": Command(usage="", about=_("The latest orders"), act=lambda said: said.answer(told.latest(said.account))),
    "cost": Command(
        usage="[today|week|month|all]", about=_("What was spent"),
        act=lambda said: said.answer(told.costs(said.account, said.words)),
    ),
    "audit": Command(
        usage="", about=_("The last ten things that were done"), act=lambda said: said.answer(told.audit(said.account))
    ),
    "approve": Command(usage="[id]", about=_("Approve what waits for you"), act=_approve),
    "reject": Command(usage="[id] [reason]", about=_("Reject it, and say why"), act=_reject),
    "keep": Command(usage="", about=_("Do not reject it after all"), act=_keep),
    "retry": Command(usage="[id]", about=_("Try again what stopped"), act=_moved(_retry)),
    "cancel": Command(usage="[id] [reason]", about=_("End an order for good"), act=_moved(_cancel)),
    "escalate": Command(usage="[id] [reason]", about=_("Call the Board to an order"), act=_escalate),
    "pause": Command(usage="[id] [reason]", about=_("Let an order rest"), act=_moved(_pause)),
    "resume": Command(usage="[id]", about=_("Let it go on"), act=_moved(_resume)),
    "workflow": Command(usage="[name|none]", about=_("What my requests are carried out by"), act=_workflow),
    "help": Command(usage="", about=_("What I can do"), act=_help),
    "start": Command(usage="[code]", about=_("Say who you are"), act=_help),
}  # fmt: skip
"""What is not here is answered with /help."""
