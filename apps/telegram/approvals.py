"""Who is asked to decide, with what buttons; what they say; and who is told what was decided."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import reports
from nexus import engine
from nexus.transactions import requires_transaction
from workorders.models import WorkOrder

from . import cards, inbox, markup, outbox, people
from .errors import NotLikeThis
from .models import Account, Announced, Button, Card, Message, Reason

if TYPE_CHECKING:
    from .hearing import Heard

AT_ONCE = 20
GOOD_FOR = timedelta(days=7)
"""How long a button is good where the approval has no end; /approve and /reject work later too."""
KIND = Message.Kind.APPROVAL


def refresh() -> int:
    """Announce what is new, close what is decided, change what has changed; return how many."""
    known = Announced.objects.filter(approval=OuterRef("pk"))
    new = list(engine.approvals.waiting().filter(~Exists(known)).select_related("run", "task").order_by("id")[:AT_ONCE])
    for approval in new:
        _announce(approval)
    changed = ~Q(hash=F("approval__hash")) | ~Q(votes=F("approval__votes")) | Q(approval__outcome__isnull=False)
    old = Card.objects.filter(changed, closed_at__isnull=True).select_related(
        "approval__run", "approval__task", "account__user", "message"
    )
    found = list(old.order_by("id")[:AT_ONCE])
    for card in found:
        with people.in_language_of(card.account):
            (_close if card.approval.outcome is not None else _amend)(card)
    return len(new) + len(found)


@transaction.atomic
def show_all(account: Account) -> None:
    """Somebody has just come: let them be asked what waits for them."""
    waiting = people.approvals_of(account).waiting().order_by("-id")[:AT_ONCE]
    for approval in waiting:
        if people.may_decide(approval, [account]):
            _show(approval, account, decides=True)


def reject(heard: Heard, waiting: Reason, text: str) -> None:
    """Take the reason of a rejection; ask again where there is none."""
    if not text:
        ask_reason(heard, waiting.account, waiting.approval, hash_=waiting.hash, button=waiting.button)
        return
    try:
        approval = decide(waiting.account, waiting.approval, "reject", hash_=waiting.hash, reason=text)
    except engine.NexusError:
        waiting.delete()  # what they write next is no reason any more
        raise
    with inbox.handled(heard.update):
        Reason.objects.filter(account=waiting.account).delete()
        Button.objects.filter(card__approval=approval, used_at__isnull=True).update(used_at=Now())
        outbox.say(waiting.account.telegram_id, cards.decided(approval), kind=KIND, ref=str(approval.pk))


def respond(heard: Heard, account: Account, approval_id: int, text: str) -> None:
    """Take a reply to an approval: an answer where that is asked, otherwise what shall change. Raise as `decide`."""
    approval = people.approvals_of(account).filter(pk=approval_id).first()
    waiting = Reason.objects.filter(account=account, approval_id=approval_id).first()
    if waiting is not None:
        reject(heard, waiting, text)
        return
    if approval is None:
        raise engine.NotThere
    word = next((word for word in ("revise", "respond") if word in approval.allows), None)
    if word is None or not text:
        raise NotLikeThis(_("Use the buttons to decide this."))
    decided = decide(account, approval, word, hash_=seen(account, approval), reason=text)
    with inbox.handled(heard.update):
        outbox.say(account.telegram_id, cards.decided(decided), kind=KIND, ref=str(decided.pk))


def decide(account: Account, approval: engine.Approval, word: str, *, hash_: str, reason: str = "") -> engine.Approval:
    """Give their word to the engine. Once: said again by them after a crash it is what stands. Raise as the engine."""
    who = account.user.get_username()
    said: Any = {"decision": word, "hash": hash_, "reason": reason, "channel": "telegram"}
    try:
        return engine.decide(approval_id=approval.pk, actor=who, **said)
    except engine.NexusError as refused:
        if refused.code != "already_decided":
            raise
        same = engine.Vote.objects.filter(approval=approval, actor=who, word=word, channel="telegram", decides=True)
        if not same.filter(reason=reason.strip()).exists():
            raise
        return engine.approvals.get(pk=approval.pk)


def ask_reason(
    heard: Heard, account: Account, approval: engine.Approval, *, hash_: str, button: Button | None = None
) -> None:
    """Ask why they reject. It is kept who was asked: whichever process hears the answer knows what it is about."""
    with inbox.handled(heard.update):
        facts = {"approval": approval, "hash": hash_, "button": button, "asked_at": Now()}
        Reason.objects.update_or_create(account=account, defaults=facts)
        outbox.say(
            account.telegram_id,
            _("Why do you reject it? Answer with your reason; /keep if you do not."),
            kind=Message.Kind.REASON, ref=str(approval.pk), wants_reply=True,
        )  # fmt: skip


def seen(account: Account, approval: engine.Approval) -> str:
    """The hash of what they were shown; of what stands where they were shown nothing."""
    shown = Card.objects.filter(account=account, approval=approval).values_list("hash", flat=True).first()
    return shown or approval.hash


@transaction.atomic
def _announce(approval: engine.Approval) -> None:
    # Two bots may be here for a moment, when one takes over: the second waits for the row, and tells nobody.
    _, is_new = Announced.objects.get_or_create(approval=approval)
    if not is_new:
        return
    deciders = people.may_decide(approval, Account.objects.live())
    for account in deciders:
        _show(approval, account, decides=True)
    # Whoever asked for the work reads along, and so does whoever is named to.
    names = {approval.requester, _requester(approval), *approval.cc}
    for account in people.of_users(names - {""}):
        if account not in deciders:
            _show(approval, account, decides=False)


def _requester(approval: engine.Approval) -> str:
    return WorkOrder.objects.filter(run_id=approval.run_id).values_list("requester", flat=True).first() or ""


@requires_transaction
def _show(approval: engine.Approval, account: Account, *, decides: bool) -> None:
    if Card.objects.filter(approval=approval, account=account).exists():
        return
    with people.in_language_of(account):
        message = outbox.say(
            account.telegram_id, _text(approval, decides=decides), kind=KIND, ref=str(approval.pk)
        )  # fmt: skip
        card = Card.objects.create(
            approval=approval, account=account, message=message, decides=decides, hash=approval.hash,
            votes=approval.votes,
        )  # fmt: skip
        if decides:
            Message.objects.filter(pk=message.pk).update(buttons=_buttons(card))


def _text(approval: engine.Approval, *, decides: bool) -> str:
    cost = cards.dollars(reports.of_order(approval.run.subject).cost_usd)
    return cards.approval(approval, decides=decides, cost=cost, deadline=approval.expires_at)


def _buttons(card: Card) -> list[list[str]]:
    """Two, each with a token that says nothing; those of what it showed before are good no more."""
    approval, labels = card.approval, {"approve": _("Approve"), "reject": _("Reject")}
    Button.objects.filter(card=card, used_at__isnull=True).update(used_at=Now())
    until = approval.expires_at if approval.on_timeout != "stay" else None
    made = [
        Button(token=secrets.token_urlsafe(16), card=card, word=word, hash=approval.hash,
               expires_at=until or timezone.now() + GOOD_FOR)
        for word in labels if word in approval.allows
    ]  # fmt: skip
    Button.objects.bulk_create(made)
    return [[labels[one.word], one.token] for one in made]


@transaction.atomic
def _amend(card: Card) -> None:
    """It asks for something else now, or somebody has agreed: show that."""
    approval = card.approval
    mine = Card.objects.filter(pk=card.pk, hash=card.hash, votes=card.votes, closed_at__isnull=True)
    if not mine.update(hash=approval.hash, votes=approval.votes):
        return
    buttons = card.message.buttons
    if card.decides and approval.hash != card.hash:
        buttons = _buttons(card)
    outbox.say_instead(card.message, _text(approval, decides=card.decides), buttons=buttons)


@transaction.atomic
def _close(card: Card) -> None:
    """It is decided: no buttons any more, and a word to everybody but the one who said it here."""
    approval = card.approval
    if not Card.objects.filter(pk=card.pk, closed_at__isnull=True).update(closed_at=Now()):
        return
    Button.objects.filter(card=card, used_at__isnull=True).update(used_at=Now())
    Reason.objects.filter(account=card.account, approval=approval).delete()
    decided = cards.decided(approval)
    outbox.say_instead(card.message, f"{_text(approval, decides=False)}\n\n{decided}")
    if card.account.user.get_username() != approval.decided_by:
        text = f"<b>{markup.safe(approval.run.subject)}</b> {decided}"
        outbox.say(card.account.telegram_id, text, kind=KIND, ref=str(approval.pk), reply_to=card.message.number)
