"""Read a stretch of a run's feed, together with how far the run is: one statement, so one moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, with the key of its task."""

    seq: int
    kind: str
    task_key: str | None
    data: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """Events in order, and the state and last seq of their run at the moment at which they were read."""

    state: str
    last_seq: int
    events: list[Happened]


# The events come by the index of (run_id, seq), however long the feed is. The run is read by the same statement: in
# two statements a run could end between them, and its end be told as an event of a run that is still open.
AFTER = """
SELECT r.state, r.last_seq, e.seq, e.kind, e.key, e.data, e.at
  FROM nexus_run r
  LEFT JOIN LATERAL (
       SELECT v.seq, v.kind, t.key, v.data, v.at
         FROM nexus_event v LEFT JOIN nexus_task t ON t.id = v.task_id
        WHERE v.run_id = r.id AND v.seq > %(seq)s
        ORDER BY v.seq LIMIT %(most)s
       ) e ON true
 WHERE r.id = %(run)s
 ORDER BY e.seq
"""


def feed_after(*, run_id: int, seq: int, most: int) -> Feed | None:
    """Return up to `most` events after `seq`, oldest first; None when the run is not kept any more.

    It is asked for every event that anybody follows, so it goes without the query builder.
    """
    with connection.cursor() as cursor:
        cursor.execute(AFTER, {"run": run_id, "seq": seq, "most": most})
        rows = cursor.fetchall()
    if not rows:
        return None
    events = [Happened(row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows if row[2] is not None]
    return Feed(state=rows[0][0], last_seq=rows[0][1], events=events)
