"""Which tasks are rung now: due, and of a queue that can use a doorbell."""

from __future__ import annotations

from collections.abc import Mapping

from nexus.tasks.models import Task
from nexus.transactions import requires_transaction

DUE = """
SELECT t.* FROM unnest(%s::text[], %s::int[]) AS q(name, room)
 CROSS JOIN LATERAL (
    SELECT x.id, x.run_id, x.key, x.queue, x.rings
      FROM nexus_task x JOIN nexus_run r ON r.id = x.run_id
     WHERE x.queue = q.name AND x.state = 'ready' AND x.ring_at <= clock_timestamp()
       AND r.paused_at IS NULL AND r.cancel_requested_at IS NULL
     ORDER BY x.ring_at, x.priority DESC, x.id
     LIMIT q.room
       FOR NO KEY UPDATE OF x SKIP LOCKED) t
"""


@requires_transaction
def due(room: Mapping[str, int], *, most: int) -> list[Task]:
    """Lock up to `room` due tasks of each queue, `most` in all; skip those that another dispatcher holds.

    Each queue has its own limit: one that holds ten thousand cannot hide the others' tasks.
    """
    share = [min(places, most) for places in room.values()]
    return list(Task.objects.raw(DUE, [list(room), share]))[:most] if room else []
