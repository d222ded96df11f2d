"""What needs the Board: whoever of it is on Telegram is told once of each task that stopped, and of each call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from nexus import engine
from workorders import queries
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK

from . import cards, markup, outbox, people
from .models import Account, Call, Message, Notice

AT_ONCE = 20
ASKED_ELSEWHERE = ("approval", ASKS_BACK)
"""Whoever decides or answers these is asked by approvals.py and following.py."""
LATELY = timedelta(days=1)
"""Older ones are in the admin: a bot that begins to work does not tell of them all."""


def refresh() -> int:
    """Tell the Board what waits for it; return how many things that is."""
    board = [account for account in Account.objects.live() if people.is_board(account)]
    if not board:
        return 0
    tasks, runs = _stopped(), _called()
    for task in tasks:
        why = f"{task.title or task.key}: {engine.why(task, run=task.run, parents=[])}"
        _tell(board, (Notice, {"task": task, "fence": task.fence}), task.run_id, why, "/retry")
    for run in runs:
        _tell(board, (Call, {"run": run, "seq": run.seq}), run.pk, f"{run.by}: {run.why or ''}", "/resume")
    return len(tasks) + len(runs)


def _stopped() -> Sequence[engine.Task]:
    known = Notice.objects.filter(task=OuterRef("pk"), fence=OuterRef("fence"))
    dead_or_parked = Q(state=engine.TaskState.FAILED) | ~Q(wait__code__in=ASKED_ELSEWHERE)
    waiting = engine.tasks.waiting().filter(dead_or_parked, ~Exists(known), run__state=engine.RunState.OPEN)
    recent = waiting.filter(run__created_at__gt=Now() - LATELY)
    return list(recent.select_related("run").order_by("id")[:AT_ONCE])


def _called() -> Sequence[Any]:
    """Runs that are held since somebody called the Board, with the call."""
    said = engine.events.filter(
        run_id=OuterRef("pk"), kind="order.escalated", data__to="board", at__gte=OuterRef("paused_at")
    ).order_by("-seq")
    held = engine.runs.open().filter(paused_at__gt=Now() - LATELY, cancel_requested_at__isnull=True)
    rows: Any = held.annotate(
        seq=Subquery(said.values("seq")[:1]), by=Subquery(said.values("data__actor")[:1]),
        why=Subquery(said.values("data__reason")[:1]),
    )  # fmt: skip
    known = Call.objects.filter(run=OuterRef("pk"), seq=OuterRef("seq"))
    return list(rows.filter(~Exists(known), seq__isnull=False).order_by("id")[:AT_ONCE])


def _tell(board: Sequence[Account], mark: tuple[Any, dict[str, Any]], run_id: int, why: str, then: str) -> None:
    order = WorkOrder.objects.filter(run_id=run_id).first()
    view = queries.view(order) if order is not None else None
    with transaction.atomic():
        # Two bots may be here for a moment, when one takes over: the second waits for the mark, and finds it.
        model, facts = mark
        _row, is_new = model.objects.get_or_create(**facts)
        if not is_new or view is None:
            return
        for account in board:
            with people.in_language_of(account):
                lines = ["🔶 <b>" + _("The Board is needed") + "</b>", cards.order(view)]
                text = "\n".join([*lines, markup.safe(markup.cut(why, 800)), f"{then} /cancel"])
                outbox.say(account.telegram_id, text, kind=Message.Kind.ORDER, ref=view["id"])
