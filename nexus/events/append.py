"""Say something in a run's feed, inside the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from nexus.errors import NotThere
from nexus.transactions import requires_transaction

from .door import signed
from .hint import hint_on_commit


@dataclass(frozen=True, kw_only=True)
class Said:
    """One event to be."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    task_id: int | None = None


APPEND = """
WITH counted AS (
    UPDATE nexus_run SET last_seq = last_seq + %(count)s WHERE id = %(run)s RETURNING id, last_seq
), told AS (
    INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
    SELECT c.id, c.last_seq - %(count)s + s.place, s.task, s.kind, s.data
      FROM counted c, ROWS FROM (jsonb_to_recordset(%(said)s::jsonb) AS (task bigint, kind text, data jsonb))
           WITH ORDINALITY AS s(task, kind, data, place)
)
SELECT last_seq FROM counted
"""


@requires_transaction
def append(run_id: int, *said: Said) -> int:
    """Append `said` in order and return the last seq. Locks the run's row until the commit.

    Two writers of one run: the second waits at the UPDATE and numbers on from the first.
    A writer that rolls back gives its numbers back with its lock, so there is no gap.
    """
    told = json.dumps([{"task": one.task_id, "kind": one.kind, "data": signed(one.data)} for one in said])
    with connection.cursor() as cursor:
        cursor.execute(APPEND, {"run": run_id, "count": len(said), "said": told})
        row = cursor.fetchone()
    if row is None:
        raise NotThere(run_id=run_id)
    last = int(row[0])
    hint_on_commit(run_id, last)
    return last
