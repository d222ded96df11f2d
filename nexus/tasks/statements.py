"""The hot statements: SQL functions kept in sql/, one file each, installed by the migrations.

One call is one round trip and, outside a transaction, one commit.
"""

from __future__ import annotations

from pathlib import Path

from nexus import statements
from nexus.statements import count, hot, one, rows

__all__ = [
    "CLAIM", "CLAIM_NEXT", "DESCENDANTS", "FOLDER", "SETTLE", "SETTLE_TOGETHER", "TAKE_BELLS",
    "count", "hot", "one", "rows", "source",
]  # fmt: skip

FOLDER = Path(__file__).parent / "sql"
CLAIM = "SELECT nexus_claim(%s, %s, %s, %s, %s)"
CLAIM_NEXT = "SELECT nexus_claim_next(%s, %s, %s, %s)"
SETTLE = (
    "SELECT verdict, state, seq, next, along, ring, ended FROM nexus_settle("
    "%s::bigint, %s::bigint, %s::bigint, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s::float8, %s::float8, %s::float8,"
    " %s, %s, %s, %s::float8, %s::text[], %s::int)"
)
SETTLE_TOGETHER = (
    "SELECT verdicts, seq, next, along, ring, ended FROM nexus_settle_together("
    "%s::bigint[], %s::bigint, %s::bigint[], %s::jsonb[], %s::float8, %s::float8, %s, %s, %s, %s::float8,"
    " %s::text[], %s::int)"
)
TAKE_BELLS = "SELECT nexus_take_bells(%s::text[], %s::int[], %s::float8, %s::float8, %s)"
DESCENDANTS = """
WITH RECURSIVE after (id) AS (
    SELECT child_id FROM nexus_dependency WHERE parent_id = %s
    UNION SELECT d.child_id FROM after JOIN nexus_dependency d ON d.parent_id = after.id
) SELECT t.id FROM after JOIN nexus_task t USING (id) WHERE t.state = 'pending' ORDER BY t.id
"""


def source() -> str:
    """Every function, in the order of the file names: CREATE OR REPLACE, so it may be run again."""
    return statements.source(FOLDER)
