"""The statements of billing that are written in SQL: one file each, under sql/."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDER = Path(__file__).parent / "sql"

APPEND: Final = (_FOLDER / "append.sql").read_text(encoding="utf-8")
"""Add a line to the ledger once."""
RESERVE: Final = (_FOLDER / "reserve.sql").read_text(encoding="utf-8")
"""Hold an amount in one budget if it fits."""
SPEND: Final = (_FOLDER / "spend.sql").read_text(encoding="utf-8")
"""Close what a request holds and count what it cost."""
WAITING: Final = (_FOLDER / "waiting.sql").read_text(encoding="utf-8")
"""What waits for a budget, one row per scope."""
ROOM_AGAIN: Final = (_FOLDER / "room_again.sql").read_text(encoding="utf-8")
"""Let orders go on whose own budget has room again."""
LEDGER_APPEND_ONLY: Final = (_FOLDER / "ledger_append_only.sql").read_text(encoding="utf-8")
"""For a migration: the trigger that refuses changes to the ledger."""
LEDGER_APPEND_ONLY_REVERSE: Final = (_FOLDER / "ledger_append_only_reverse.sql").read_text(encoding="utf-8")
"""For that migration's way back."""
