"""Renew what this process holds, in one statement; end what a dead child held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nexus.conf import dials
from nexus.tasks import statements

RENEW = """
WITH held AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS h(task_id, fence)),
locked AS (
    SELECT l.task_id FROM nexus_lease l JOIN held USING (task_id, fence)
     WHERE l.expires_at > clock_timestamp() ORDER BY l.task_id FOR NO KEY UPDATE OF l
)
UPDATE nexus_lease l SET expires_at = clock_timestamp() + make_interval(secs => %s)
  FROM locked JOIN nexus_task t ON t.id = locked.task_id JOIN nexus_run r ON r.id = t.run_id
 WHERE l.task_id = locked.task_id
RETURNING l.task_id, l.fence, (r.cancel_requested_at IS NOT NULL OR r.state <> 'open') AS cancelled,
          r.paused_at IS NOT NULL AS paused
"""


@dataclass(frozen=True, kw_only=True)
class Renewed:
    """A lease that still holds, and what its run asks for."""

    task_id: int
    fence: int
    cancelled: bool
    paused: bool


def renew(held: Collection[tuple[int, int]]) -> list[Renewed]:
    """Extend the leases `(task, fence)` that have not expired; those missing in the answer are lost.

    The third condition matters: an expired lease may be in the rescuer's hands already.
    """
    tasks, fences = zip(*sorted(held), strict=True) if held else ((), ())
    return [Renewed(**row) for row in statements.rows(RENEW, [list(tasks), list(fences), dials().lease_for])]


def holders_of(delivery: str) -> list[str]:
    """The processes `node/pid` that hold something which came with `delivery`."""
    found = statements.rows("SELECT DISTINCT holder FROM nexus_lease WHERE delivery = %s", [delivery])
    return [one["holder"] for one in found]


def end_delivery(delivery: str, *, holder: str) -> int:
    """Expire, past the sweep's grace, what `holder` has of `delivery`: its process is dead.

    A delivery's name says nothing of who holds it now: once a lease has run out, its task is rung again under the same.
    """
    return statements.count(
        "UPDATE nexus_lease SET expires_at = clock_timestamp() - make_interval(secs => %s) "
        "WHERE delivery = %s AND holder = %s",
        [dials().grace, delivery, holder],
    )
