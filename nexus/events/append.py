"""Say something in a run's feed, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import F

from nexus.transactions import requires_transaction

from .hint import hint_on_commit
from .models import Event


@dataclass(frozen=True, kw_only=True)
class Said:
    """One event to be."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    task_id: int | None = None


@requires_transaction
def append(run_id: int, *said: Said) -> int:
    """Append `said` in order and return the last seq. Locks the run's row until the commit.

    Two writers of one run: the second waits at the UPDATE and numbers on from the first.
    A writer that rolls back gives its numbers back with its lock, so there is no gap.
    """
    runs = apps.get_model("nexus", "Run")._default_manager  # by name: the feed lies below the runs
    runs.filter(pk=run_id).update(last_seq=F("last_seq") + len(said))
    last: int = runs.values_list("last_seq", flat=True).get(pk=run_id)
    number(run_id, last - len(said), said)
    hint_on_commit(run_id, last)
    return last


def number(run_id: int, before: int, said: Sequence[Said]) -> None:
    """Insert `said` as before + 1, before + 2, …; the caller took the numbers from the run's row."""
    Event.objects.bulk_create(
        Event(run_id=run_id, seq=before + place, task_id=one.task_id, kind=one.kind, data=one.data)
        for place, one in enumerate(said, start=1)
    )
