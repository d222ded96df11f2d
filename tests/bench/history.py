"""What an order costs when a million tasks have finished before it, beside the same in an empty database.

    python -m tests.bench.history postgres://… 1000000     fills any database of Nexus that has finished runs in it

The past is made of real runs: a few that have just finished are copied, set by set, with other numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from statistics import median

import psycopg
from psycopg import sql

from . import contestants
from .duels import Arena, say
from .figures import summary
from .measured import Asked, Measured

TABLES = ("nexus_run", "nexus_canvas", "nexus_task", "nexus_dependency", "nexus_attempt", "nexus_event")
COPIES_AT_ONCE = 1000
TIMES = 2
"""As many rounds as others have: what is looked for is small beside what a round of them varies by."""
SAMPLE = "SELECT id FROM nexus_run WHERE state = 'completed' ORDER BY id LIMIT 10"


def measure(arena: Arena, asked: Asked, name: str) -> Measured:
    """The same load, in turns, on a database without a past and on one with."""
    arena.close()
    ground = arena.ground
    empty = contestants.nexus(ground, pool=asked.nexus_pool, database="nexus_empty", valkey=5)
    full = contestants.nexus(ground, pool=asked.nexus_pool, database="nexus_full", valkey=6)
    for entry in (empty, full):
        ground.lay_out(**entry.env)
    arena.round(arena.enter(full), in_flight=10, seconds=1.0)  # its runs are what the past is made of
    arena.leave(full.name)
    with psycopg.connect(full.env["DATABASE_URL"], autocommit=True) as connection:
        made = fill(connection, asked.tasks, say=say)
    without, with_it = arena.duel(empty, full, in_flight=100, rounds=TIMES * asked.rounds)
    pairs = list(zip(without, with_it, strict=True))
    detail = {
        "finished_tasks": made,
        "cost_ratio": median((b.cpu_ms or 0.0) / (a.cpu_ms or 1.0) for a, b in pairs),
        "throughput_ratio": median(b.orders_per_s / a.orders_per_s for a, b in pairs),
        "empty": asdict(summary(without, quickest=arena.quickest)),
        "full": asdict(summary(with_it, quickest=arena.quickest)),
    }
    return Measured(detail=detail)


def fill(connection: psycopg.Connection, tasks: int, *, say: Callable[[str], None]) -> int:
    """Copy finished runs until there are so many finished tasks; return how many there are then."""
    runs = [row[0] for row in connection.execute(SAMPLE)]
    if not runs:
        raise RuntimeError("there is no finished run to copy")
    each = _number(connection, "SELECT count(*) FROM nexus_task WHERE run_id = ANY(%s)", runs)
    apart = 1 + max(
        _number(connection, sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(_name(t))) for t in TABLES
    )
    copies = -(-tasks // each)
    connection.execute("SET session_replication_role = replica")  # a copy refers to what is copied with it
    connection.execute("SET statement_timeout = 0")
    for first in range(1, copies + 1, COPIES_AT_ONCE):
        last = min(first + COPIES_AT_ONCE - 1, copies)
        with connection.transaction():
            for table in TABLES:
                connection.execute(
                    _copy(connection, table), {"runs": runs, "apart": apart, "first": first, "last": last}
                )
        say(f"  {last * each} finished tasks")
    connection.execute("SET session_replication_role = origin")
    for table in TABLES:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) + 1 FROM {}))").format(
                sql.Literal(table), _name(table)
            )
        )
    connection.execute("VACUUM ANALYZE")
    return _number(connection, "SELECT count(*) FROM nexus_task WHERE finished_at IS NOT NULL")


def _copy(connection: psycopg.Connection, table: str) -> sql.Composed:
    """The statement that copies a table's rows of the sample, every number that names a row moved by the same."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' "
        "AND table_schema = current_schema ORDER BY ordinal_position",
        [table],
    )
    names = [row[0] for row in rows]
    moved = sql.SQL("{} + g.copy * %(apart)s")
    picked = [
        moved.format(sql.Identifier("t", one)) if one == "id" or one.endswith("_id") else sql.Identifier("t", one)
        for one in names
    ]
    of_the_sample = {"nexus_run": "t.id", "nexus_dependency": "(SELECT run_id FROM nexus_task WHERE id = t.child_id)",
                     "nexus_attempt": "(SELECT run_id FROM nexus_task WHERE id = t.task_id)"}  # fmt: skip
    return sql.SQL(
        "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {} t "
        "CROSS JOIN generate_series(%(first)s::bigint, %(last)s::bigint) AS g(copy) WHERE {} = ANY(%(runs)s)"
    ).format(
        _name(table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(picked),
        _name(table),
        sql.SQL(of_the_sample.get(table, "t.run_id")),
    )


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(table)


def _number(connection: psycopg.Connection, statement: str | sql.Composed, *params: object) -> int:
    row = connection.execute(statement, params or None).fetchone()
    assert row is not None
    return int(row[0])


MEASUREMENTS = {"history": measure}

if __name__ == "__main__":
    with psycopg.connect(sys.argv[1], autocommit=True) as to_fill:
        fill(to_fill, int(sys.argv[2]), say=lambda text: print(text, file=sys.stderr))  # noqa: T201
