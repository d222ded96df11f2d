"""Tables as files that spreadsheets open, and that do nothing there. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | Decimal | None
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; the wide forms too, which some of them fold."""


def csv_of(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table as RFC 4180 has it, in UTF-8 when encoded, with CRLF."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: Cell) -> str:
    """A text that a spreadsheet would run begins with an apostrophe; numbers, which may be negative, stay numbers."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    text = str(cell)
    is_risky = isinstance(cell, str) and text.lstrip(" \u00a0\ufeff").startswith(STARTS)
    return f"'{text}" if is_risky else text
