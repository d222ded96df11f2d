"""What follows a failure: again, another model, something smaller, a person. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

Step = Literal["again", "swap", "degrade", "human"]
MOST_TRIES: Final = 3
COSTLY: Final = Decimal(20)
"""USD: what would cost more to put right is a person's to decide."""
SWAPPED: Final = frozenset({"GENERATE_FINAL_VIDEO", "GENERATE_PREVIEW_VIDEO"})
"""Done once more by the backup model."""
DEGRADED: Final = frozenset({"MODEL_SWAP_RETRY"})
"""Where that fails too, what there is of the shot is used: a preview for the final, a moving still for a preview."""
OPTIONS: Final = ("manual fix", "change strategy", "raise budget", "accept degraded", "terminate")


def next_step(task_type: str, *, attempt: int, most: int) -> Step:
    """What becomes of a task that failed for the `attempt`th time of `most`."""
    if attempt < most:
        return "again"
    if task_type in SWAPPED:
        return "swap"
    return "degrade" if task_type in DEGRADED else "human"


def after_quality(*, tries: int, cost_impact: Decimal = Decimal(0), severity: str = "normal") -> Step:
    """What becomes of a shot whose picture did not pass for the `tries`th time."""
    if tries >= MOST_TRIES or cost_impact > COSTLY or severity == "critical":
        return "human"
    return "again"
