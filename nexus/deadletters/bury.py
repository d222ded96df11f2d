"""Bury a task whose attempts are used up."""

from __future__ import annotations

from typing import Any

from nexus.transactions import requires_transaction

from .fingerprint import fingerprint
from .models import DeadLetter


@requires_transaction
def bury(*, task_id: int, task_type: str, error: dict[str, Any]) -> None:
    """Write the letter in the transaction that ends the task's last attempt."""
    code, message = str(error.get("code", "")), str(error.get("message", ""))
    DeadLetter.objects.create(
        task_id=task_id, error=error, fingerprint=fingerprint(task_type=task_type, code=code, message=message)
    )
