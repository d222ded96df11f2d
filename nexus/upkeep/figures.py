"""How many there are of everything, for gauges. What moves is counted cheaply; the others read whole tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from nexus.deadletters.groups import waiting
from nexus.queues.catalog import NAMES
from nexus.tasks import statements
from nexus.tasks.states import RunState, TaskState

LOOKED_AT = 20
"""Tasks per queue among which the oldest READY one is sought: those of the oldest runs."""
# READY has an index of its own, RUNNING a lease each, and who waits for a person is in an open run: what is finished,
# however much, is not read.
MOVING = """
SELECT t.queue, 'ready' AS state, count(*) AS n FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
 WHERE t.state = 'ready' AND r.state = 'open' AND r.paused_at IS NULL AND r.cancel_requested_at IS NULL GROUP BY t.queue
UNION ALL
SELECT t.queue, 'running', count(*) FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id AND t.state = 'running'
 GROUP BY t.queue
UNION ALL
SELECT t.queue, 'waiting', count(*) FROM nexus_run r JOIN nexus_task t ON t.run_id = r.id
 WHERE r.state = 'open' AND t.state = 'waiting_approval' GROUP BY t.queue
UNION ALL
SELECT q.queue, 'oldest', (
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - coalesce(
        (SELECT max(e.at) FROM nexus_event e WHERE e.run_id = o.run_id AND e.task_id = o.id
            AND e.kind IN ('task.ready', 'task.unparked')), o.created_at))), 0)
      FROM (SELECT t.id, t.run_id, t.created_at FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
             WHERE t.queue = q.queue AND t.state = 'ready' AND r.state = 'open' AND r.paused_at IS NULL
               AND r.cancel_requested_at IS NULL ORDER BY t.id LIMIT %s) o)
  FROM unnest(%s::text[]) AS q (queue)
"""


@dataclass(frozen=True, kw_only=True)
class Depth:
    """What is in one queue now; runs that are paused or ending are left out of READY."""

    queue: str
    tasks: dict[str, int]
    """By state: ready, running, waiting (for a person)."""
    oldest_ready: float
    """Seconds that the oldest READY task has been READY; 0 where there is none."""


def depths() -> list[Depth]:
    """Every queue, in one statement."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: {"ready": 0, "running": 0, "waiting": 0, "oldest": 0})
    for row in statements.rows(MOVING, [LOOKED_AT, sorted(NAMES)]):
        found[row["queue"]][row["state"]] = float(row["n"])
    return [
        Depth(
            queue=queue,
            tasks={state: int(counted[state]) for state in ("ready", "running", "waiting")},
            oldest_ready=max(0.0, counted["oldest"]),
        )
        for queue, counted in sorted(found.items())
    ]


def count_tasks() -> dict[str, int]:
    """Tasks by state; reads the whole table."""
    return _by_state("nexus_task", [state.value for state in TaskState])


def count_runs() -> dict[str, int]:
    """Runs by state; reads the whole table."""
    return _by_state("nexus_run", [state.value for state in RunState])


def count_dead() -> int:
    """Dead letters that wait for a person."""
    return waiting().count()


def _by_state(table: str, states: list[str]) -> dict[str, int]:
    found = statements.rows(f"SELECT state, count(*) AS n FROM {table} GROUP BY state", [])  # noqa: S608 - ours, above
    return dict.fromkeys(states, 0) | {row["state"]: row["n"] for row in found}
