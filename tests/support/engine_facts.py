"""Questions to the database that no life of a run may answer with a row; and everything, to be compared."""

from __future__ import annotations

from typing import Any

from nexus import engine
from nexus.tasks import statements

STARTED_TOO_EARLY = """
SELECT s.id FROM nexus_event s JOIN nexus_dependency d ON d.child_id = s.task_id
 WHERE s.kind = 'task.started' AND NOT EXISTS (
    SELECT 1 FROM nexus_event c WHERE c.task_id = d.parent_id AND c.kind = 'task.completed' AND c.seq < s.seq)
"""
COMPLETED_TWICE = """
SELECT task_id FROM nexus_event WHERE kind = 'task.completed' GROUP BY task_id HAVING count(*) > 1
UNION ALL
SELECT task_id FROM nexus_attempt WHERE outcome = 'completed' GROUP BY task_id HAVING count(*) > 1
"""
GAPS = """
SELECT r.id FROM nexus_run r LEFT JOIN nexus_event e ON e.run_id = r.id GROUP BY r.id
HAVING r.last_seq <> count(e.id) OR r.last_seq <> coalesce(max(e.seq), 0) OR min(e.seq) <> 1
"""
EVERYTHING = """
SELECT (SELECT jsonb_agg(to_jsonb(r) ORDER BY id) FROM nexus_run r)::text AS runs,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM nexus_task t)::text AS tasks,
       (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM nexus_attempt a)::text AS attempts,
       (SELECT jsonb_agg(to_jsonb(l) ORDER BY task_id) FROM nexus_lease l)::text AS leases,
       (SELECT count(*) FROM nexus_event) AS events, (SELECT count(*) FROM nexus_deadletter) AS letters
"""


def everything() -> list[dict[str, Any]]:
    """All that the engine has written, to be compared."""
    return statements.rows(EVERYTHING, [])


def check_promises() -> None:
    """Nothing done twice, nothing started early, no event missing, no invariant broken."""
    assert statements.rows(STARTED_TOO_EARLY, []) == []
    assert statements.rows(COMPLETED_TWICE, []) == []
    assert statements.rows(GAPS, []) == []
    assert [broken for broken in engine.count_broken() if broken.rows] == []
