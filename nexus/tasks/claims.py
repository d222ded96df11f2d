"""What a claim gives a worker: the task as it was taken, as a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read it from a row of nexus_task with the tenant and the subject of its run."""
        given = row["input"]
        return cls(
            task_id=row["id"],
            input=json.loads(given) if isinstance(given, str) else given,
            **{name: row[name] for name in cls.__dataclass_fields__ if name not in {"task_id", "input"}},
        )
