"""What is printed where: data to stdout, everything else to stderr. Colours and widths."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from dataclasses import dataclass
from typing import TextIO

_CODES = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


@dataclass(frozen=True)
class Console:
    """The two streams of a command."""

    out: TextIO
    err: TextIO
    #: May lines be drawn over? A terminal that can move its cursor.
    is_live: bool = False
    colours: bool = False
    quiet: bool = False

    @classmethod
    def of_this_process(cls, *, quiet: bool = False) -> Console:
        """Return the console of stdout and stderr as they are."""
        able = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        colours = able and not os.environ.get("NO_COLOR")
        return cls(sys.stdout, sys.stderr, is_live=able and not quiet, colours=colours, quiet=quiet)

    def data(self, text: str) -> None:
        """Print what was asked for."""
        print(text, file=self.out, flush=True)

    def json(self, value: object) -> None:
        """Print one object."""
        self.data(json.dumps(value, ensure_ascii=False, indent=2))

    def say(self, text: str) -> None:
        """Tell how it goes; nothing when it is to be quiet."""
        if not self.quiet:
            print(text, file=self.err, flush=True)

    def complain(self, text: str, *, hint: str = "") -> None:
        """Say what went wrong and what to try."""
        print(self.paint("nexus: ", "red") + text, file=self.err, flush=True)
        if hint:
            print(self.paint("       " + hint, "dim"), file=self.err, flush=True)

    def paint(self, text: str, colour: str) -> str:
        """Return `text` in a colour, where colours are wanted."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colours and text else text

    def columns(self) -> int:
        """Return how wide a line may be."""
        return shutil.get_terminal_size((100, 24)).columns

    def rows(self) -> int:
        """Return how many lines may be drawn over."""
        return shutil.get_terminal_size((100, 24)).lines


def width(text: str) -> int:
    """Return how many columns `text` takes: Chinese characters and most emoji take two."""
    return sum(_width_of(sign) for sign in text)


def _width_of(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """Return `text` in exactly `columns` columns: cut with an ellipsis, or filled with spaces."""
    text = " ".join(text.split())
    if width(text) > columns:
        kept, room = "", columns - 1
        for sign in text:
            if width(kept + sign) > room:
                break
            kept += sign
        text = kept + "…" if columns > 0 else ""
    return text + " " * (columns - width(text))


def table(rows: list[tuple[str, ...]]) -> str:
    """Return rows in columns."""
    wide = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    lines = ("  ".join(text + " " * (wide[n] - width(text)) for n, text in enumerate(row)).rstrip() for row in rows)
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Return a length of time as people write it: 0.4s, 12s, 3:05, 1:02:03."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}" if minutes else f"{rest}s"
