"""What must always hold, as statements that count what breaks it. `doctor` shows them; each must be 0."""

from __future__ import annotations

from dataclasses import dataclass

from nexus.tasks import statements

INVARIANTS: dict[str, tuple[str, str]] = {
    "open_totals": (
        "open runs whose open_tasks differs from their tasks that are not closed",
        """SELECT count(*) AS n FROM nexus_run r WHERE r.state = 'open' AND r.open_tasks <>
           (SELECT count(*) FROM nexus_task t WHERE t.run_id = r.id AND t.state NOT IN ('completed', 'cancelled')
               AND NOT (t.state = 'failed' AND r.on_failure = 'fail'))""",
    ),
    "nothing_open": (
        "open runs without an open task",
        "SELECT count(*) AS n FROM nexus_run WHERE state = 'open' AND open_tasks = 0",
    ),
    "deps_left": (
        "pending tasks whose deps_left differs from their unfinished parents",
        """SELECT count(*) AS n FROM nexus_task c WHERE c.state = 'pending' AND c.deps_left <>
           (SELECT count(*) FROM nexus_dependency d JOIN nexus_task p ON p.id = d.parent_id
             WHERE d.child_id = c.id AND p.state <> 'completed')""",
    ),
    "seq_gaps": (
        "open runs whose events are not numbered from 1 to last_seq",
        """SELECT count(*) AS n FROM nexus_run r WHERE r.state = 'open' AND r.last_seq <>
           (SELECT count(*) FROM nexus_event e WHERE e.run_id = r.id)""",
    ),
    "leases": (
        "running tasks without a lease, or leases without a running task",
        """SELECT (SELECT count(*) FROM nexus_task t LEFT JOIN nexus_lease l ON l.task_id = t.id AND l.fence = t.fence
                    WHERE t.state = 'running' AND l.task_id IS NULL)
                + (SELECT count(*) FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id
                    WHERE t.state <> 'running' OR t.fence <> l.fence) AS n""",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Broken:
    """How many rows break one invariant."""

    name: str
    what: str
    rows: int


def count_broken() -> list[Broken]:
    """Every invariant with the number of rows that break it, read in one snapshot each."""
    return [
        Broken(name=name, what=what, rows=statements.rows(statement, [])[0]["n"])
        for name, (what, statement) in INVARIANTS.items()
    ]
