"""What a claim gives a worker: the task as it was taken, as a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A task held under `fence`. What changes after the claim does not show here."""

    task_id: int
    run_id: int
    tenant: str
    subject: str
    key: str
    type: str
    queue: str
    priority: int
    input: dict[str, Any]
    attempt: int
    max_attempts: int
    fence: int
    timeout: float

    @classmethod
    def of(cls, told: str) -> Self:
        """Read what nexus_hold told: JSON with exactly these fields."""
        return cls(**json.loads(told))
