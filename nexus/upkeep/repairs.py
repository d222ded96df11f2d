"""Repairs that are safe while everything runs: what is counted is counted again, what is not heard is rung again.

Each looks at a run under its lock, so that what a worker is just changing is counted as it leaves it, and says what it
did in the run's feed.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models.functions import Now

from nexus.events import catalog as kinds
from nexus.events.append import Said, append
from nexus.tasks import statements, transitions
from nexus.tasks.models import Task
from nexus.tasks.waking import wake

log = logging.getLogger("nexus.upkeep")

WRONG_TOTALS = """
SELECT r.id FROM nexus_run r WHERE r.state = 'open' AND r.open_tasks <>
    (SELECT count(*) FROM nexus_task t WHERE t.run_id = r.id AND t.state NOT IN ('completed', 'cancelled')
        AND NOT (t.state = 'failed' AND r.on_failure = 'fail'))
"""
WRONG_DEPS = """
SELECT c.id, c.run_id FROM nexus_task c WHERE c.state = 'pending' AND c.deps_left <>
    (SELECT count(*) FROM nexus_dependency d JOIN nexus_task p ON p.id = d.parent_id
      WHERE d.child_id = c.id AND p.state <> 'completed')
"""
UNHEARD = """
SELECT t.id, t.run_id FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
 WHERE t.state = 'ready' AND r.state = 'open' AND r.paused_at IS NULL AND r.cancel_requested_at IS NULL
   AND (t.ring_at IS NULL OR t.ring_at < clock_timestamp() - interval '1 minute' OR t.rings > 3)
   AND NOT EXISTS (SELECT 1 FROM nexus_task o WHERE o.queue = t.queue AND o.state = 'running')
"""
NOTHING_OPEN = "SELECT r.id FROM nexus_run r WHERE r.state = 'open' AND r.open_tasks = 0"
WRONG_LEASES = """
SELECT t.id, t.run_id FROM nexus_task t LEFT JOIN nexus_lease l ON l.task_id = t.id AND l.fence = t.fence
 WHERE t.state = 'running' AND l.task_id IS NULL
UNION ALL
SELECT t.id, t.run_id FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id
 WHERE t.state <> 'running' OR t.fence <> l.fence
"""
# Nobody's leases go; what runs without one gets one that has run out, so that the rescuer ends the execution by its
# fence and the task is tried again. Its worker, if there is one, cannot renew and comes home fenced.
DROP_LEASES = """
DELETE FROM nexus_lease l USING nexus_task t
 WHERE t.id = l.task_id AND t.run_id = %s AND (t.state <> 'running' OR t.fence <> l.fence) RETURNING t.id
"""
EXPIRED_LEASES = """
INSERT INTO nexus_lease (task_id, fence, holder, delivery, expires_at)
SELECT t.id, t.fence, 'nobody', '', clock_timestamp() - interval '1 hour' FROM nexus_task t
 WHERE t.run_id = %s AND t.state = 'running' AND NOT EXISTS (SELECT 1 FROM nexus_lease l WHERE l.task_id = t.id)
RETURNING task_id AS id
"""
RECOUNT_RUN = """
UPDATE nexus_run r SET open_tasks =
    (SELECT count(*) FROM nexus_task t WHERE t.run_id = r.id AND t.state NOT IN ('completed', 'cancelled')
        AND NOT (t.state = 'failed' AND r.on_failure = 'fail'))
 WHERE r.id = %s RETURNING r.open_tasks
"""
# What waits for nobody any more gets a time that has come: the timers make it READY, and say so.
RECOUNT_PARENTS = """
WITH counted AS (
    SELECT c.id, (SELECT count(*) FROM nexus_dependency d JOIN nexus_task p ON p.id = d.parent_id
                   WHERE d.child_id = c.id AND p.state <> 'completed') AS parents
      FROM nexus_task c WHERE c.run_id = %s AND c.state = 'pending'
)
UPDATE nexus_task t SET deps_left = counted.parents,
       not_before = CASE WHEN counted.parents = 0 THEN coalesce(t.not_before, clock_timestamp()) ELSE t.not_before END
  FROM counted WHERE counted.id = t.id AND t.deps_left <> counted.parents RETURNING t.id
"""


def recount_open_tasks() -> int:
    """Write the number of open tasks that there are; a run that has none is closed. Return how many runs."""
    return sum(_recount(row["id"]) for row in statements.rows(WRONG_TOTALS, []))


@transaction.atomic
def _recount(run_id: int) -> bool:
    transitions.lock_run(run_id)
    # Wrong a moment ago is not wrong now: a settle that we waited for may have been in between.
    if not statements.rows(f"{WRONG_TOTALS} AND r.id = %s", [run_id]):
        return False
    (run,) = statements.rows(RECOUNT_RUN, [run_id])
    last = _say(run_id, "open_totals", open_tasks=run["open_tasks"])
    statements.rows("SELECT nexus_close_run(%s, %s, 0, 0)", [run_id, last])
    return True


def close_ended() -> int:
    """Close runs in which nothing is open; return how many."""
    return sum(_close_ended(row["id"]) for row in statements.rows(NOTHING_OPEN, []))


@transaction.atomic
def _close_ended(run_id: int) -> bool:
    transitions.lock_run(run_id)
    # Counted again under the lock: a run that says 0 and has open tasks is not over.
    if not statements.rows(f"{NOTHING_OPEN} AND r.id = %s", [run_id]):
        return False
    if statements.rows(RECOUNT_RUN, [run_id])[0]["open_tasks"]:
        return False
    last = _say(run_id, "nothing_open")
    statements.rows("SELECT nexus_close_run(%s, %s, 0, 0)", [run_id, last])
    return True


def mend_leases() -> int:
    """Take away leases of nobody, and let what runs without one be rescued; return how many tasks."""
    return sum(_mend_leases(run_id) for run_id in _runs(WRONG_LEASES))


@transaction.atomic
def _mend_leases(run_id: int) -> int:
    transitions.lock_run(run_id)
    mended = [row["id"] for statement in (DROP_LEASES, EXPIRED_LEASES) for row in statements.rows(statement, [run_id])]
    if mended:
        _say(run_id, "leases", tasks=sorted(set(mended)))
    return len(set(mended))


def recount_parents() -> int:
    """Write how many unfinished parents pending tasks have; return how many were wrong."""
    return sum(_recount_parents(run_id) for run_id in _runs(WRONG_DEPS))


@transaction.atomic
def _recount_parents(run_id: int) -> int:
    transitions.lock_run(run_id)
    mended = statements.rows(RECOUNT_PARENTS, [run_id])
    if mended:
        _say(run_id, "deps_left", tasks=sorted(row["id"] for row in mended))
    return len(mended)


def ring_again() -> int:
    """Have the tasks that nobody heard rung at once; return how many."""
    return sum(_ring_again(run_id) for run_id in _runs(UNHEARD))


@transaction.atomic
def _ring_again(run_id: int) -> int:
    transitions.lock_run(run_id)
    unheard = [row["id"] for row in statements.rows(f"{UNHEARD} AND r.id = %s", [run_id])]
    rung = Task.objects.ready().filter(pk__in=unheard).update(ring_at=Now(), rings=0)
    if rung:
        _say(run_id, "unheard", tasks=unheard)
        wake()
    return rung


def _runs(statement: str) -> list[int]:
    return sorted({row["run_id"] for row in statements.rows(statement, [])})


def _say(run_id: int, what: str, **facts: object) -> int:
    log.warning("repaired %s run=%s: %s", what, run_id, facts)
    return append(run_id, Said(kind=kinds.RUN_REPAIRED, data={"invariant": what, **facts}))
