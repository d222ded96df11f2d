"""Blocked orders, before the Board: whoever of it is on Telegram is told once for each task that waits for people."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from nexus import engine
from workorders import queries
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK

from . import cards, markup, outbox, people
from .models import Account, Message, Notice

AT_ONCE = 20
ASKED_ELSEWHERE = ("approval", ASKS_BACK)
"""Whoever decides or answers these is asked by approvals.py and following.py."""
LATELY = timedelta(days=1)
"""Older failures are in the admin: a bot that begins to work does not tell of them all."""


def refresh() -> int:
    """Tell the Board what waits for it; return how many tasks that is."""
    board = [account for account in Account.objects.live() if people.is_board(account)]
    if not board:
        return 0
    known = Notice.objects.filter(task=OuterRef("pk"), fence=OuterRef("fence"))
    dead_or_parked = Q(state=engine.TaskState.FAILED) | ~Q(wait__code__in=ASKED_ELSEWHERE)
    waiting = engine.tasks.waiting().filter(dead_or_parked, ~Exists(known), run__state=engine.RunState.OPEN)
    recent = waiting.filter(run__created_at__gt=Now() - LATELY)
    found = list(recent.select_related("run").order_by("id")[:AT_ONCE])
    for task in found:
        _tell(task, board)
    return len(found)


@transaction.atomic
def _tell(task: engine.Task, board: list[Account]) -> None:
    _notice, is_new = Notice.objects.get_or_create(task=task, fence=task.fence)
    order = WorkOrder.objects.filter(run_id=task.run_id).first()
    if not is_new or order is None:
        return
    view = queries.view(order)
    for account in board:
        with people.in_language_of(account):
            why = engine.why(task, run=task.run, parents=[]) or ""
            text = "\n".join([
                "🔶 <b>" + _("The Board is needed") + "</b>",
                cards.order(view),
                f"{markup.safe(task.title or task.key)}: {markup.safe(markup.cut(why, 800))}",
                "/retry /cancel",
            ])  # fmt: skip
            outbox.say(account.telegram_id, text, kind=Message.Kind.ORDER, ref=order.public_id)
