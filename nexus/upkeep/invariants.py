"""What must always hold, as counts of what breaks it; each must be 0. Domains register theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nexus.tasks import statements

from . import repairs

Count = Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class Invariant:
    """Something that always holds."""

    name: str
    what: str
    """What breaks it, to be read after a number."""
    count: Count
    repair: Callable[[], int] | None = None
    """Mends the rows that break it and returns how many; None where no repair is safe."""


@dataclass(frozen=True, kw_only=True)
class Broken:
    """How many rows break one invariant."""

    name: str
    what: str
    rows: int
    repairable: bool = False
    repaired: int = 0


_registry: dict[str, Invariant] = {}


def invariant(name: str, *, what: str, repair: Callable[[], int] | None = None) -> Callable[[Count], Count]:
    """Register the decorated function, which counts the rows that break `name` in one statement.

    A domain's live in its `invariants.py`. A `repair` must be safe while everything runs, and say what it did.
    """

    def register(count: Count) -> Count:
        if name in _registry and _registry[name].count.__qualname__ != count.__qualname__:
            raise ValueError(f"Two invariants are called {name!r}")
        _registry[name] = Invariant(name=name, what=what, count=count, repair=repair)
        return count

    return register


def names() -> list[str]:
    """Every invariant, by name."""
    return list(_registry)


def count_one(name: str) -> int:
    """How many rows break this one."""
    return _registry[name].count()


def count_broken() -> list[Broken]:
    """Every invariant with the number of rows that break it, read in one snapshot each."""
    return [_counted(one) for one in _registry.values()]


def repair_broken() -> list[Broken]:
    """Mend what can be mended; return every invariant as it is afterwards."""
    return [_mended(one) for one in _registry.values()]


def _counted(one: Invariant) -> Broken:
    return Broken(name=one.name, what=one.what, rows=one.count(), repairable=one.repair is not None)


def _mended(one: Invariant) -> Broken:
    before = _counted(one)
    if not before.rows or one.repair is None:
        return before
    mended = one.repair()
    return Broken(name=one.name, what=one.what, rows=one.count(), repairable=True, repaired=mended)


def _sql(name: str, what: str, statement: str, repair: Callable[[], int] | None = None) -> None:
    def count() -> int:
        return int(statements.rows(f"SELECT count(*) AS n FROM ({statement}) broken", [])[0]["n"])  # noqa: S608 - ours, below

    _registry[name] = Invariant(name=name, what=what, count=count, repair=repair)


_sql(
    "open_totals",
    "open runs whose open_tasks differs from their tasks that are not closed",
    repairs.WRONG_TOTALS,
    repairs.recount_open_tasks,
)
_sql(
    "nothing_open",
    "open runs without an open task",
    repairs.NOTHING_OPEN,
    repairs.close_ended,
)
_sql(
    "deps_left",
    "pending tasks whose deps_left differs from their unfinished parents",
    repairs.WRONG_DEPS,
    repairs.recount_parents,
)
_sql(
    "seq_gaps",
    "runs, open or closed within a day, whose events are not numbered from 1 to last_seq",
    """SELECT r.id FROM nexus_run r
        WHERE (r.state = 'open' OR r.finished_at > now() - interval '1 day')
          AND (r.last_seq, r.last_seq) IS DISTINCT FROM
              (SELECT (count(*), coalesce(max(e.seq), 0)) FROM nexus_event e WHERE e.run_id = r.id)""",
)
_sql(
    "leases",
    "running tasks without a lease, or leases without a running task",
    repairs.WRONG_LEASES,
    repairs.mend_leases,
)
_sql(
    "one_decision",
    "approvals that were decided by no word or by several, or by one and still wait",
    """SELECT a.id FROM nexus_approval a
        WHERE (SELECT count(*) FROM nexus_vote v WHERE v.approval_id = a.id AND v.decides) <>
              CASE WHEN a.outcome IS NULL OR a.outcome = 'withdrawn' THEN 0 ELSE 1 END""",
)
_sql(
    "gates",
    "tasks that wait for an approval that is not open",
    """SELECT t.id FROM nexus_task t WHERE t.state = 'waiting_approval' AND t.wait ->> 'code' = 'approval'
          AND NOT EXISTS (SELECT 1 FROM nexus_approval a WHERE a.task_id = t.id AND a.outcome IS NULL)""",
)
_sql(
    "unheard",
    "ready tasks that nobody starts although nothing runs in their queue",
    repairs.UNHEARD,
    repairs.ring_again,
)
