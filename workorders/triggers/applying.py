"""An event and the tasks that it brings about, written into an order's run in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nexus import engine
from nexus.transactions import requires_transaction

EVENT = "order.event"


@requires_transaction
def apply(*, run_id: int, event: Mapping[str, Any], tasks: Sequence[engine.TaskSpec]) -> None:
    """Tell the order's feed of `event` and write its tasks. Raise IllegalMove when the run has ended.

    While the run is paused they wait, and start when it is resumed: nothing is dropped.
    """
    if tasks:
        engine.expand(run_id=run_id, tasks=tasks)
    told(run_id=run_id, event=event, tasks=tasks)


@requires_transaction
def told(
    *, run_id: int, event: Mapping[str, Any], tasks: Sequence[engine.TaskSpec], task_id: int | None = None
) -> None:
    """Tell the feed alone: a handler that answers with the tasks writes them as it ends."""
    facts = {**event, "tasks": [spec.key for spec in tasks]}
    engine.tell(run_id=run_id, kind=EVENT, data=facts, task_id=task_id)
