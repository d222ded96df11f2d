"""Interleaved rounds: Nexus, peer, peer, Nexus. The same order, the same servers, the same minute."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from . import calibration
from .contestants import Contestant, Entry
from .figures import Round
from .ground import Ground, Meter

T = TypeVar("T")
STATEMENTS_FOR = 2.0
"""Seconds of load whose statements are counted."""
WARM_FOR = 3.0
"""Seconds of a first round of orders alone, which nobody counts: who stood still, or was just started, has things to
catch up with, and of an order alone they were a fifth. The peer has been through its trials by then."""
DEEP = 1000
"""From so many in flight the orders are filed before any of them is worked on: a client that files them one by one
finds that a quick contestant has done most of them before the last is filed."""


@dataclass
class Arena:
    """Those that compete, each started when it is first needed."""

    ground: Ground
    seconds: float
    quickest: float = field(default_factory=lambda: min(calibration.fixed_work() for _ in range(5)))
    """The shortest calibration that was seen."""
    _entered: dict[str, Contestant] = field(default_factory=dict)

    def enter(self, entry: Entry) -> Contestant:
        """Start a contestant, or give the one that was started, frozen."""
        if entry.name not in self._entered:
            say(f"starting {entry.name}")
            self._entered[entry.name] = Contestant(entry, self.ground)
            self._entered[entry.name].freeze()
        return self._entered[entry.name]

    def leave(self, name: str) -> None:
        """End a contestant."""
        if name in self._entered:
            self._entered.pop(name).close()

    def close(self) -> None:
        """End them all."""
        for name in list(self._entered):
            self.leave(name)

    def duel(self, ours: Entry, theirs: Entry, *, in_flight: int, rounds: int) -> tuple[list[Round], list[Round]]:
        """Measure both in turns."""
        found: dict[str, list[Round]] = {ours.name: [], theirs.name: []}
        pair = [self.enter(ours), self.enter(theirs)]
        if in_flight == 1:
            for one in pair:
                self.round(one, in_flight=in_flight, seconds=WARM_FOR)
        for number in range(rounds):
            for one in in_turn(pair, number):
                found[one.entry.name].append(self.round(one, in_flight=in_flight))
                last = found[one.entry.name][-1]
                say(
                    f"  {number + 1}/{rounds} {one.entry.name:<16} {in_flight:>5} in flight "
                    f"{last.orders_per_s:8.1f} orders/s  p50 {last.p50_ms:8.1f} ms  foreign {last.foreign:4.0%}"
                )
        return found[ours.name], found[theirs.name]

    def round(self, one: Contestant, *, in_flight: int, seconds: float | None = None) -> Round:
        """Thaw one contestant, load it, freeze it again."""
        worked = calibration.fixed_work()  # while all stand still: what one catches up with is no mood of the machine
        self.quickest = min(self.quickest, worked)
        one.thaw()
        try:
            meter = self.meter(one)
            before, spent, commits = calibration.Busy.now(), meter.cpu_s(), self._commits(one)
            found = self._loaded(one, in_flight=in_flight, seconds=seconds or self.seconds)
            used, after = meter.cpu_s() - spent, calibration.Busy.now()
            return Round(
                orders_per_s=found["filed"] / found["took_s"],
                p50_ms=found["latencies_ms"]["p50"],
                p99_ms=found["latencies_ms"]["p99"],
                in_flight=found["in_flight"],
                cpu_ms=1000 * used / found["filed"],
                commits=(self._commits(one) - commits) / found["filed"],
                memory_mib=meter.memory_mib(),
                calibration_s=worked,
                foreign=calibration.foreign(before, after, ours=used),
            )
        finally:
            one.freeze()

    def _loaded(self, one: Contestant, *, in_flight: int, seconds: float) -> dict[str, Any]:
        if in_flight < DEEP:
            return one.ask(do="load", in_flight=in_flight, seconds=seconds)
        one.hold_workers()
        one.ask(do="fill", in_flight=in_flight)
        one.release_workers()
        return one.ask(do="drain", in_flight=in_flight, seconds=seconds)

    def meter(self, one: Contestant) -> Meter:
        """Its own processes and the two servers."""
        return Meter([*one.pids, *(server.process.pid for server in self.ground.servers.values())])

    def _commits(self, one: Contestant) -> int:
        return self.ground.commits(one.entry.database) if one.entry.database else 0

    def statements(self, one: Contestant, *, in_flight: int = 100) -> float:
        """SQL statements per order, BEGIN and COMMIT among them, counted in Postgres' own log."""
        if not one.entry.database:
            return 0.0
        one.thaw()
        try:
            with self.ground.logged_statements() as log:
                start = log.stat().st_size
                filed = one.ask(do="load", in_flight=in_flight, seconds=STATEMENTS_FOR)["filed"]
        finally:
            one.freeze()
        mark = f"<{one.entry.database}> LOG:  "
        with log.open(encoding="utf-8", errors="replace") as lines:
            lines.seek(start)
            said = sum(line.startswith((mark + "statement:", mark + "execute ")) for line in lines)
        return said / filed


def in_turn(several: Sequence[T], number: int) -> Sequence[T]:
    """In which order the round of that number has them: what one leaves to the servers, the next has beside its own."""
    return several[::-1] if number % 2 else several


def say(text: str) -> None:
    """Progress, for people who wait."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


Enter = Callable[[Ground], Entry]
