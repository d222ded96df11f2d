"""Who works: what each worker holds now, and when it was last given something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nexus.tasks import statements

LOOKED_AT = 500
"""Executions, the newest, among whose workers those that hold nothing now are sought."""
SEEN = """
WITH held AS (
    SELECT holder AS worker, count(*) AS n FROM nexus_lease GROUP BY holder
), began AS (
    SELECT worker, max(started_at) AS at
      FROM (SELECT worker, started_at FROM nexus_attempt ORDER BY id DESC LIMIT %s) a GROUP BY worker
)
SELECT coalesce(h.worker, b.worker) AS worker, coalesce(h.n, 0) AS running, b.at
  FROM held h FULL JOIN began b ON b.worker = h.worker ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A process that takes tasks: host and number of the process."""

    name: str
    running: int
    """Tasks that it holds now."""
    began_at: datetime | None
    """When it last began one; None where that is long ago."""


def workers() -> list[Worker]:
    """Those that work now, or began one of the newest executions; by name, in one statement."""
    rows = statements.rows(SEEN, [LOOKED_AT])
    return [Worker(name=row["worker"], running=int(row["running"]), began_at=row["at"]) for row in rows]
