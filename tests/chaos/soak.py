"""The soak: thousands of orders while Postgres is restarted, Valkey flushed and workers killed; and random episodes."""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos import faults, oracle
from tests.chaos.faults import Fault
from tests.chaos.stage import Stage, pause

ROOM = 300
"""Orders that are open at a time: a client that waits, as one does that is told 429."""
WHOLE_EVERY = 100
"""Of so many orders one is a whole one, filed over HTTP; the others are runs of five tasks with one model call."""
EVERY: tuple[tuple[Fault, float, float], ...] = (
    (faults.database_crashed, 5, 40),
    (faults.broker_flushed, 5, 30),
    (faults.process_killed, 20, 60),
    (faults.child_killed, 15, 45),
)
"""What is broken, and the seconds from one time to the next, at least and at most. A process takes some to start."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a soak came to. All but the first, the faults and the time must be 0 or empty."""

    orders: int
    whole: int
    """How many of them were whole orders over HTTP."""
    lost: int
    settled_twice: int
    ledger_mismatches: int
    broken: list[str] = field(default_factory=list)
    """Every other invariant that does not hold."""
    faults: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def held(self) -> bool:
        """Nothing was lost, done twice or booked wrong."""
        return not (self.lost or self.settled_twice or self.ledger_mismatches or self.broken)


def soak(on: Stage, orders: int) -> Report:
    """File so many orders and break things until the last is done."""
    began = time.monotonic()
    on.anew("dispatcher", NEXUS_RING_AGAIN_AFTER="5")
    on.script(times=None, latency_ms=0, chunk_ms=0)  # thousands of calls: the model shall not be what takes the time
    whole: list[str] = []
    done = collections.Counter[str]()
    with _filing(on, orders, whole) as filing:
        due = {fault: began + on.dice.uniform(low, high) for fault, low, high in EVERY}
        while filing.is_alive() or not _finished(on, orders, whole):
            for fault, low, high in EVERY:
                if time.monotonic() > due[fault]:
                    done[fault(on)] += 1
                    due[fault] = time.monotonic() + on.dice.uniform(low, high)
            if time.monotonic() - began > 60 + orders:
                break
            pause(0.3)
    took = time.monotonic() - began
    on.mend()
    with contextlib.suppress(AssertionError):
        on.quiet(within=90)
    return _report(on, orders, whole, faults=dict(done), seconds=round(took, 1))


@contextlib.contextmanager
def _filing(on: Stage, orders: int, whole: list[str]) -> Iterator[threading.Thread]:
    """Two clients: one of the engine for the runs, one over HTTP for the whole orders."""
    many, big = orders - orders // WHOLE_EVERY, orders // WHOLE_EVERY
    client = on.nexus.start("filing", "-m", "tests.chaos.filing", "0", str(many), str(ROOM))._popen

    def file() -> None:
        for _ in range(big):
            whole.extend(on.file(1, within=300))
            pause(1)
        client.wait()

    thread = threading.Thread(target=file, daemon=True)
    thread.start()
    yield thread
    on.nexus.kill("filing")


COMPLETED = """SELECT
  (SELECT count(DISTINCT subject) FROM nexus_run WHERE subject LIKE 'soak-%%' AND state = 'completed'),
  (SELECT count(*) FROM workorders_workorder o JOIN nexus_run r ON r.id = o.run_id
    WHERE o.public_id = ANY(%s) AND r.state = 'completed')"""


def _finished(on: Stage, orders: int, whole: list[str]) -> bool:
    import psycopg

    try:
        [counts] = on.nexus.rows(COMPLETED, whole)
    except psycopg.OperationalError:
        return False
    return sum(counts) == orders


def _report(on: Stage, orders: int, whole: list[str], **more: object) -> Report:
    [counts] = on.nexus.rows(COMPLETED, whole)
    twice = sum(len(on.nexus.rows(asked)) for said, asked in oracle.ASKED.items() if said.startswith("I2"))
    broken = oracle.breaches(on.nexus)
    books = [one for one in broken if one.startswith(("I3", "I4", "I5"))]
    return Report(
        orders=orders,
        whole=len(whole),
        lost=orders - sum(counts),
        settled_twice=twice,
        ledger_mismatches=len(books),
        broken=[one for one in broken if not one.startswith("I2")],
        **more,  # type: ignore[arg-type]
    )


def episode(on: Stage) -> str:
    """A few orders and a few faults, as the dice have it; return what was broken."""
    filed, told = on.file(on.dice.randint(2, 6)), []
    for _ in range(on.dice.randint(2, 5)):
        pause(on.dice.uniform(0.1, 2.5))
        told.append(on.dice.choice(faults.MENU)(on))
        if on.dice.random() < 0.4:
            filed += on.file(1)
    on.mend()
    took = on.finished(filed, within=90)
    return f"{len(filed)} orders done {took:.1f} s after: {', '.join(told)}"
