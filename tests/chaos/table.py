"""What came of rows, episodes and a soak, and how it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.chaos.soak import Report

Word = Literal["held", "breach", "not_run"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one row."""

    row: int
    injected: str
    verdict: Word
    figure: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """What became of one random episode; its seed repeats it."""

    seed: int
    verdict: Word
    figure: str = ""
    why: str = ""


def of_rows(verdicts: Sequence[Verdict]) -> str:
    """The matrix, and how many rows held."""
    if not verdicts:
        return ""
    told = [(str(one.row), one.injected, one.verdict, _both(one.figure, one.why)) for one in verdicts]
    counts = {word: sum(one.verdict == word for one in verdicts) for word in ("held", "breach", "not_run")}
    said = ", ".join(f"{count} {word}" for word, count in counts.items())
    return f"{_aligned([('ROW', 'INJECTED', 'VERDICT', 'FIGURE'), *told])}\n\n{said}"


def of_episodes(episodes: Sequence[Episode]) -> str:
    """The episodes with their seeds."""
    if not episodes:
        return ""
    told = [(str(one.seed), one.verdict, _both(one.figure, one.why)) for one in episodes]
    return _aligned([("SEED", "VERDICT", "FIGURE"), *told])


def of_soak(report: Report | None) -> str:
    """What was filed, what was broken, and what must be 0."""
    if report is None:
        return ""
    broken = ", ".join(f"{many} x {fault}" for fault, many in sorted(report.faults.items()))
    lines = [
        ("orders", f"{report.orders}, {report.whole} of them whole ones over HTTP"),
        ("broken", broken),
        ("time", f"{report.seconds:.0f} s, {report.orders / report.seconds:.1f} orders a second"),
        ("lost", str(report.lost)),
        ("settled twice", str(report.settled_twice)),
        ("ledger mismatch", str(report.ledger_mismatches)),
        ("other invariants", "; ".join(report.broken) or "hold"),
    ]
    return _aligned(lines)


def _both(figure: str, why: str) -> str:
    return "; ".join(filter(None, (figure, why)))


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]) for line in lines
    )
