"""Rows that break Postgres: crashed, cut off, read-only, locked."""

from __future__ import annotations

import contextlib
import time

import psycopg
from psycopg import sql

from tests.chaos.stage import LEASE, Stage, pause
from tests.support import orders


def crashed(stage: Stage) -> str:
    """Row 20: stopped without a checkpoint, again and again, while orders are filed and run."""
    filed = stage.file(8)
    down = []
    for _ in range(3):
        pause(stage.dice.uniform(0.5, 3))
        down.append(stage.dice.uniform(0, 2))
        stage.crash_database(down[-1])
        filed += stage.file(4)
    took = stage.finished(filed, within=90)
    assert len(set(filed)) == 20
    return f"{len(filed)} orders through {len(down)} crashes; all done {took:.1f} s after the last"


def sessions_cut(stage: Stage) -> str:
    """Row 21: sessions of the product are terminated at random, in the middle of a COMMIT too."""
    cut = 0

    def cut_one() -> None:
        nonlocal cut
        with contextlib.suppress(psycopg.OperationalError):
            cut += len(
                stage.nexus.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid() ORDER BY random() LIMIT 2"
                )
            )
        pause(0.15)

    with stage.meanwhile(cut_one):
        filed = stage.file(10)
        pause(8)
    took = stage.finished(filed)
    return f"10 orders while {cut} sessions were cut; all done {took:.1f} s after the last"


def read_only(stage: Stage) -> str:
    """Row 22: as during a failover; answers of models that come meanwhile must not be lost."""
    stage.script(times=1, latency_ms=1500)
    run = stage.nexus.submit("test.asks")
    stage.await_rows("SELECT 1 FROM agents_modelrequest WHERE state = 'SENT'", what="a request on its way")
    _reads_only(stage, "on")
    try:
        with stage.nexus.client() as client:
            answer = client.post("/api/v2/work-orders", json={"message": orders.REQUEST})
        pause(4)
    finally:
        _reads_only(stage, "off")
    began = time.monotonic()
    filed = stage.file(1)
    stage.run_done(run)
    stage.finished(filed)
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True), answer.text
    return f"503 with Retry-After meanwhile; everything done {time.monotonic() - began:.1f} s after it wrote again"


def _reads_only(stage: Stage, value: str) -> None:
    server, _, name = stage.nexus.env["DATABASE_URL"].rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
                sql.Identifier(name), sql.Literal(value)
            )
        )
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def rows_locked(stage: Stage) -> str:
    """Row 23: somebody holds every run's row for twice a lease; heartbeats must not starve."""
    door = stage.door()
    runs = [stage.nexus.submit("test.waits", input={"until": str(door)}) for _ in range(2)]
    for run in runs:
        stage.holder(run)
    with psycopg.connect(stage.nexus.env["DATABASE_URL"]) as connection:
        connection.execute("SELECT 1 FROM nexus_run WHERE id = ANY(%s) FOR UPDATE", [runs])
        pause(2 * LEASE - 1)
        door.touch()
        pause(1)
        connection.rollback()
    began = time.monotonic()
    for run in runs:
        stage.run_done(run)
        assert stage.attempts(run) == ["completed"], stage.attempts(run)
    took = time.monotonic() - began
    return f"locked for {2 * LEASE:.0f} s; one execution each, settled {took:.1f} s after the lock went"
