"""Clarify: the requester answers the question that triage asked, and triage looks again."""

from __future__ import annotations

from nexus import engine
from nexus.transactions import opens_transaction
from workorders import bounds
from workorders.errors import NotWaiting
from workorders.models import WorkOrder
from workorders.states import ASKS_BACK


def answer(*, order: WorkOrder, text: str, actor: str = "") -> None:
    """Add `text` to the request and release its triage; raise NotWaiting where no question is open.

    Two transactions: the words, then the release. Whoever repeats the call after a crash between
    them adds the same words only once.
    """
    words = text.strip()
    bounds.check_text(words, "/text")
    asking = engine.tasks.of(order.run_id).filter(state=engine.TaskState.WAITING_APPROVAL, wait__code=ASKS_BACK)
    task = asking.first()
    if task is None:
        raise NotWaiting(order=order.public_id)
    _append(order_id=order.pk, words=words)
    engine.unpark(task_id=task.pk, note="answered", actor=actor)


@opens_transaction
def _append(*, order_id: int, words: str) -> None:
    order = WorkOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.message.endswith(f"\n\n{words}"):
        return
    message = f"{order.message}\n\n{words}"
    bounds.check_text(message, "/text")
    WorkOrder.objects.filter(pk=order.pk).update(message=message)
