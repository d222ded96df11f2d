"""How a request for an answer stands: its row, and what its run says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from agents.providers import messages
from agents.providers.messages import Block, ToolUse
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
    task = engine.tasks.filter(run_id=row.run_id).order_by("id").first() if row.run_id else None
    if task is None:
        return Standing(row=row, state="queued", output={}, why={})
    state = STATES.get(task.state, "queued")
    return Standing(
        row=row,
        state=state,
        output=task.output or {},
        why=(task.error if state == "failed" else task.wait) or {},
        started_at=task.started_at,
        finished_at=task.finished_at,
    )
