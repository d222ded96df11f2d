"""Medians, spreads and ratios of what was measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

SLOWER = 1.15
"""A calibration this much longer than the quickest one says that the machine was not ours."""
FOREIGN = 0.10
"""So much of all cores, used by somebody else, says the same."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """One contestant, measured once."""

    orders_per_s: float
    p50_ms: float
    p99_ms: float
    in_flight: float
    """How many orders were open, on average; fewer than asked for where the client could not file faster."""
    cpu_ms: float | None
    """Of all processes, servers and the client among them, per order."""
    commits: float
    """Per order, in the contestant's database."""
    memory_mib: float
    calibration_s: float
    foreign: float
    """The part of all cores that others used meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Several rounds of one contestant."""

    orders_per_s: float
    lowest: float
    highest: float
    p50_ms: float
    p99_ms: float
    in_flight: float
    cpu_ms: float | None
    commits: float
    memory_mib: float
    disturbed: int
    rounds: list[Round] = field(default_factory=list)


def is_disturbed(one: Round, *, quickest: float) -> bool:
    """Did somebody else use the machine?"""
    return one.calibration_s > SLOWER * quickest or one.foreign > FOREIGN


def summary(rounds: list[Round], *, quickest: float) -> Summary:
    """The medians of the rounds that nobody disturbed; of all, where that is fewer than half."""
    calm = [one for one in rounds if not is_disturbed(one, quickest=quickest)]
    used = calm if 2 * len(calm) >= len(rounds) else rounds
    speeds = [one.orders_per_s for one in used]
    spent = [one.cpu_ms for one in used if one.cpu_ms is not None]
    return Summary(
        orders_per_s=median(speeds),
        lowest=min(speeds),
        highest=max(speeds),
        p50_ms=median(one.p50_ms for one in used),
        p99_ms=median(one.p99_ms for one in used),
        in_flight=median(one.in_flight for one in used),
        cpu_ms=median(spent) if spent else None,
        commits=median(one.commits for one in used),
        memory_mib=max(one.memory_mib for one in used),
        disturbed=len(rounds) - len(calm),
        rounds=rounds,
    )


def ratio(ours: list[Round], theirs: list[Round], *, by: str, quickest: float) -> tuple[float, float, float]:
    """The median of the ratios of neighbouring rounds, and the lowest and highest of them.

    Neighbours share the state that the machine was in, so a slow minute weighs on both. Above 1 is in our favour.
    """
    pairs = list(zip(ours, theirs, strict=True))
    calm = [pair for pair in pairs if not any(is_disturbed(one, quickest=quickest) for one in pair)]
    used = calm if 2 * len(calm) >= len(pairs) else pairs
    if by == "latency":
        found = [theirs.p50_ms / ours.p50_ms for ours, theirs in used if ours.p50_ms]
    else:
        found = [ours.orders_per_s / theirs.orders_per_s for ours, theirs in used if theirs.orders_per_s]
    if not found:
        raise ValueError("no round has a figure to divide by")
    return median(found), min(found), max(found)
