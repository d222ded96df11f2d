"""The statements of billing that are written in SQL: one file each, under sql/."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDER = Path(__file__).parent / "sql"

HOT: Final = _FOLDER / "hot"
"""The functions, one file each, installed by the migrations."""
APPEND: Final = "SELECT billing_append(%s::jsonb, %s)"
"""Add a line to the ledger once."""
RESERVE: Final = "SELECT * FROM billing_reserve(%s, %s, %s, %s)"
"""Hold an amount in every budget of some scopes, or in none."""
SPEND: Final = "SELECT billing_spend(%s, %s)"
"""Close what a request holds and count what it cost."""
WAITING: Final = (_FOLDER / "waiting.sql").read_text(encoding="utf-8")
"""What waits for a budget, one row per scope."""
ROOM_AGAIN: Final = (_FOLDER / "room_again.sql").read_text(encoding="utf-8")
"""Let orders go on whose own budget has room again."""
LEDGER_APPEND_ONLY: Final = (_FOLDER / "ledger_append_only.sql").read_text(encoding="utf-8")
"""For a migration: the trigger that refuses changes to the ledger."""
LEDGER_APPEND_ONLY_REVERSE: Final = (_FOLDER / "ledger_append_only_reverse.sql").read_text(encoding="utf-8")
"""For that migration's way back."""
