"""What a provider says it has billed, read from a CSV file: by request, or by day and model. Pure.

Columns are found by their names, in any order and case; whatever else is in the file is passed over. A provider's own
export has other names: say which column is which (`request_id=Request ID`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

COUNTS = ("input_tokens", "output_tokens", "cache_write_5m", "cache_write_1h", "cache_read", "heard_ms")
COLUMNS = ("request_id", "date", "model", "cost_usd", *COUNTS)
"""What a column may be. A file has `request_id`, or `date` and `model`; and `cost_usd`, or tokens, or both."""


class BadFile(ValueError):
    """The file cannot be read as a bill; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One line of a bill. What the file does not say is None, and is not compared."""

    request_id: str = ""
    date: date | None = None
    model: str = ""
    cost_usd: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    cache_read: int | None = None
    heard_ms: int | None = None

    def plus(self, other: Billed) -> Billed:
        """Both together: a request, or a day, may stand in several lines."""
        sums: dict[str, Any] = {name: _sum(getattr(self, name), getattr(other, name)) for name in ("cost_usd", *COUNTS)}
        return replace(self, model=self.model or other.model, **sums)


def read(lines: Iterable[str], *, named: Mapping[str, str] | None = None) -> list[Billed]:
    """The bill, one entry per request or per day and model, in the order of the file; raise BadFile."""
    rows = csv.reader(lines)
    try:
        heads = next(rows)
    except StopIteration:
        raise BadFile("The file is empty") from None
    places = _places(heads, named or {})
    found: dict[tuple[object, ...], Billed] = {}
    for line in _lines(rows, places):
        key = (line.request_id, line.date, line.model if line.date else "")
        found[key] = found[key].plus(line) if key in found else line
    return list(found.values())


def _places(heads: list[str], named: Mapping[str, str]) -> dict[str, int]:
    """Column -> its place in the file."""
    if unknown := sorted(set(named) - set(COLUMNS)):
        raise BadFile(f"{unknown[0]!r} is no column of a bill; those are {', '.join(COLUMNS)}")
    at = {head.strip().lstrip("\ufeff").casefold(): place for place, head in reversed(list(enumerate(heads)))}
    wanted = {name: named.get(name, name) for name in COLUMNS}
    for name, head in named.items():
        if head.strip().casefold() not in at:
            raise BadFile(f"The file has no column {head!r}, which was said to be {name}")
    places = {name: at[head.strip().casefold()] for name, head in wanted.items() if head.strip().casefold() in at}
    if "request_id" not in places and not {"date", "model"} <= set(places):
        raise BadFile("The file needs a column request_id, or the columns date and model")
    if not {"cost_usd", "input_tokens", "output_tokens"} & set(places):
        raise BadFile("The file needs a column cost_usd, or columns of tokens")
    if "request_id" in places:
        places.pop("date", None)
    return places


def _lines(rows: Iterator[list[str]], places: Mapping[str, int]) -> Iterator[Billed]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(places.values()):
            raise BadFile(f"Line {number} has {len(row)} cells, fewer than the first line promises")
        said = {name: row[place].strip() for name, place in places.items()}
        try:
            line = Billed(**{name: _read(name, text) for name, text in said.items() if text})
        except (ValueError, InvalidOperation):
            raise BadFile(f"Line {number} cannot be read: {', '.join(f'{k}={v!r}' for k, v in said.items())}") from None
        if "request_id" in places and not line.request_id:
            raise BadFile(f"Line {number} names no request")
        yield line


def _read(name: str, text: str) -> Any:
    if name == "cost_usd":
        amount = Decimal(text.replace(",", "").removeprefix("$"))
        if not amount.is_finite() or amount < 0:
            raise ValueError(text)
        return amount
    if name in COUNTS:
        return _count(text.replace(",", ""))
    return date.fromisoformat(text[:10]) if name == "date" else text


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def _sum(one: Decimal | int | None, other: Decimal | int | None) -> Decimal | int | None:
    return other if one is None else one if other is None else one + other
