"""The live message of an order: kept true while the order moves; then its results."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from nexus import engine
from nexus.transactions import requires_transaction
from workorders import queries
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK, FINAL

from . import cards, markup, outbox, people
from .models import Account, Following, Message

AT_ONCE = 50
MOST_PIECES = 3
"""A longer result is a file."""
ORDER, QUESTION = Message.Kind.ORDER, Message.Kind.QUESTION


@requires_transaction
def begin(order: WorkOrder, *, chat_id: int, reply_to: int | None = None) -> None:
    """Say that the order was taken in; from now on the message tells how it stands."""
    # A plain order is as its request made it; of one that an application filed we look at what it is.
    view = queries.view(order) if order.workflow else queries.view_of_new(order)
    text = cards.order(view)
    message = outbox.say(chat_id, text, kind=ORDER, ref=order.public_id, reply_to=reply_to)
    Following.objects.create(order=order, chat_id=chat_id, message=message)


def refresh() -> int:
    """Write down what there is new of the orders whose messages may change now; return how many."""
    # How soon a message may change again stands in its due_at: an order is not read more often than it is told.
    news = Following.objects.filter(
        ended_at__isnull=True, order__run__last_seq__gt=F("seen"), message__due_at__lte=Now(),
    )  # fmt: skip
    found = list(news.select_related("order__run", "order__project", "message").order_by("message__due_at")[:AT_ONCE])
    for one in found:
        _tell(one)
    return len(found)


def last_of(chat_id: int) -> str:
    """The order that this chat asked for last; empty where there was none."""
    last = Following.objects.filter(chat_id=chat_id).order_by("-id").values_list("order__public_id", flat=True).first()
    return last or ""


def _tell(one: Following) -> None:
    account = people.of_telegram(one.chat_id)
    if account is None or not _sees(account, one.order):
        Following.objects.filter(pk=one.pk).update(ended_at=Now())
        return
    view = queries.view(one.order)
    question = _question(one, view)
    ended = view["status"] in FINAL
    with people.in_language_of(account), transaction.atomic():
        # Two bots may be here for a moment, when one takes over: the first to write this tells.
        mine = Following.objects.filter(pk=one.pk, seen=one.seen, ended_at__isnull=True)
        if not mine.update(seen=view["last_seq"], asked=question, **({"ended_at": Now()} if ended else {})):
            return
        outbox.say_instead(one.message, cards.order(view))
        if question != one.asked:
            text = f"<b>{view['id']}</b>\n{markup.safe(markup.cut(view['question'], 3_500))}"
            outbox.say(one.chat_id, text, kind=QUESTION, ref=view["id"], wants_reply=True, reply_to=one.message.number)
        if ended:
            _deliver(one, view)


def _sees(account: Account, order: WorkOrder) -> bool:
    try:
        people.order_of(account, order.public_id)
    except engine.NotThere:
        return False
    return True


def _question(one: Following, view: dict[str, Any]) -> str:
    """The hash of what the order asks now; of what it asked last where it asks nothing."""
    asks = engine.tasks.of(one.order.run_id).filter(state=engine.TaskState.WAITING_APPROVAL, wait__code=ASKS_BACK)
    if not (view["question"] and asks.exists()):
        return one.asked
    return hashlib.sha256(f"{view['question']}\0{view['message']}".encode()).hexdigest()


def _deliver(one: Following, view: dict[str, Any]) -> None:
    """Results: as messages, or as a file where that would be many."""
    found = view["deliverable"]
    if found is None:
        return
    beside: dict[str, Any] = {"kind": ORDER, "ref": view["id"]}
    pieces = markup.split(found["text"])
    if len(pieces) <= MOST_PIECES:
        outbox.say_all(one.chat_id, [markup.safe(piece) for piece in pieces], **beside)
        return
    name = found["name"] if "." in found["name"] else f"{view['id']}.md"
    text = _("The result of %(order)s") % {"order": view["id"]}
    outbox.say(one.chat_id, text, file_name=name, file_body=found["text"], **beside)
