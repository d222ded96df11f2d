"""How a request for an answer stands: its row, and what its run says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from agents.providers import messages
from agents.providers.messages import Block, ToolUse, Turn
from agents.sessions.models import Message
from nexus import engine

from .models import Completion

State = Literal["queued", "working", "parked", "completed", "failed", "cancelled"]
STATES: dict[str, State] = {
    engine.TaskState.RUNNING: "working",
    engine.TaskState.WAITING_APPROVAL: "parked",
    engine.TaskState.COMPLETED: "completed",
    engine.TaskState.FAILED: "failed",
    engine.TaskState.CANCELLED: "cancelled",
}
OVER = frozenset({"completed", "failed", "cancelled"})


REFUSAL = "refusal"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One moment of it."""

    row: Completion
    state: State
    output: dict[str, Any]
    why: dict[str, Any]
    """`code` and `message`: why it failed, or why it does not go on."""
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What was said."""
        return messages.blocks_of_json(self.output.get("blocks", []))

    @property
    def text(self) -> str:
        """Its words."""
        return messages.words(self.blocks)

    @property
    def is_refusal(self) -> bool:
        """Whether the model declined."""
        return self.output.get("stop_reason") == REFUSAL

    @property
    def uses(self) -> Sequence[ToolUse]:
        """The tools that it asks for."""
        return [block for block in self.blocks if isinstance(block, ToolUse)]

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.state in OVER

    @property
    def seconds(self) -> float | None:
        """How long the work took, to two places."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds(), 2)


def look(row: Completion) -> Standing:
    """Now."""
    if row.order_ref:
        from . import ordering  # it needs what is defined above

        return ordering.look(row)
    run_id = row.message.run_id if row.message else row.run_id
    task = engine.tasks.filter(run_id=run_id).select_related("run").order_by("id").first() if run_id else None
    if task is None:
        gone = row.message is not None and row.message.status == Message.Status.INTERRUPTED
        return Standing(row=row, state="cancelled" if gone else "queued", output={}, why={})
    state = STATES.get(task.state, "queued")
    if state not in OVER and task.run.cancel_requested_at is not None:
        state = "cancelled"  # it is ending: nothing that it still says is an answer
    return Standing(
        row=row,
        state=state,
        output=task.output or {},
        why=(task.error if state == "failed" else task.wait) or {},
        started_at=task.started_at,
        finished_at=task.finished_at,
    )


def spoken(now: Standing) -> Turn:
    """The answer, as what was said before the next question."""
    return Turn(speaker="assistant", blocks=now.blocks)
