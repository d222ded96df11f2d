"""Decide: a person releases what waits for one, or drives again what died."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nexus import engine
from workorders.states import ASKS_BACK


def release(*, run_id: int, reason: str = "", actor: str = "") -> None:
    """Let every task go on that waits for a decision; raise IllegalMove where none does.

    One that waits for an answer stays: clarify.answer is its way out.
    """
    parked = engine.tasks.of(run_id).filter(state=engine.TaskState.WAITING_APPROVAL)
    waiting = parked.exclude(wait__code=ASKS_BACK).values_list("pk", flat=True)
    if not _moved(waiting, lambda task_id: engine.unpark(task_id=task_id, note=reason, actor=actor)):
        raise engine.IllegalMove(_why_not(set(parked.values_list("wait__code", flat=True))))


def _why_not(codes: set[str]) -> str:
    if ASKS_BACK in codes:
        return "The order asks a question: answer it"
    if "approval" in codes:
        return "The order waits for an approval: decide it"
    return "Nothing in the order waits for a decision"


def redrive(*, run_id: int, reason: str = "", actor: str = "") -> None:
    """Drive every dead task of an open run again, with all its attempts; raise IllegalMove where none is dead."""
    # A run that has ended has dead tasks too, and they stay dead.
    dead = engine.tasks.of(run_id).filter(state=engine.TaskState.FAILED, run__state=engine.RunState.OPEN)
    task_ids = dead.values_list("pk", flat=True)
    if not _moved(task_ids, lambda task_id: engine.redrive(task_id=task_id, reason=reason, actor=actor)):
        raise engine.IllegalMove("No task of the order is dead")


def _moved(task_ids: Iterable[int], move: Callable[[int], None]) -> int:
    """How many could be moved. One that somebody else moved meanwhile is not counted, and is no error."""
    moved = 0
    for task_id in list(task_ids):
        try:
            move(task_id)
        except engine.IllegalMove:
            continue
        moved += 1
    return moved
