"""The hot statements: SQL functions kept in sql/, one file each, installed by the migrations.

One call is one round trip and, outside a transaction, one commit.
"""

from __future__ import annotations

from pathlib import Path

from nexus import statements
from nexus.statements import count, hot, one, rows

__all__ = ["FOLDER", "count", "hot", "one", "rows", "source"]

FOLDER = Path(__file__).parent / "sql"


def source() -> str:
    """Every function, in the order of the file names: CREATE OR REPLACE, so it may be run again."""
    return statements.source(FOLDER)
