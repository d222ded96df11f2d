"""Escalate: a person calls the next role of the ladder to an order; above the last there is the Board."""

from __future__ import annotations

from nexus import engine
from nexus.transactions import opens_transaction
from workorders import rules
from workorders.models import WorkOrder

BOARD = "board"


@opens_transaction
def escalate(*, run_id: int, actor: str, reason: str = "", to_board: bool = False) -> str:
    """Give what is not done yet to the role above the order's owner; return that role, or `board`. Raise IllegalMove.

    Dead tasks are driven again by it. Above the highest role, and for whoever asks so, there is the Board: the order
    is held, and people are told, until one of them lets it go on.
    """
    run = engine.runs.select_for_update(no_key=True).get(pk=run_id)
    if run.state != engine.RunState.OPEN or run.cancel_requested_at:
        raise engine.IllegalMove("The order has ended; nobody is called to it any more")
    order = WorkOrder.objects.of_run(run_id)
    was = order.owner_role or rules.owner_of("unclear")
    to = BOARD if to_board or was == rules.LADDER[-1] else rules.above(was) if was in rules.LADDER else rules.LADDER[1]
    told: dict[str, object] = {"from": was, "to": to, "actor": actor, "reason": reason}
    if to == BOARD:
        engine.hold_run(run_id, actor=actor, reason=reason)
    else:
        told["tasks"] = engine.hand_over(run_id, of={"role": was}, input={"role": to}, actor=actor, reason=reason)
        WorkOrder.objects.filter(pk=order.pk).update(owner_role=to)
    engine.tell(run_id=run_id, kind="order.escalated", data=told)
    return to
