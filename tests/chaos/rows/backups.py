"""The row of the backup: what was there comes back, what came later is gone, and nothing is asked under an old name."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psycopg

from nexus.embedded import postgres
from tests.chaos.stage import Stage
from tests.support.stack import WORKERS

PROCESSES = ("web", "dispatcher", *WORKERS)


def restored(stage: Stage) -> str:
    """Row 48: a dump of a moment with work in hand is restored after more was filed and all was done."""
    nexus, dump = stage.nexus, stage.nexus.home / "backup.dump"
    before = stage.file(3)
    stage.await_rows("SELECT 1 FROM agents_modelrequest WHERE state = 'SENT'", what="a request under way")
    _pg("pg_dump", "--format=custom", f"--file={dump}", nexus.env["DATABASE_URL"])
    after = stage.file(2)
    stage.finished(before + after)
    stage.quiet()
    nexus.kill(*PROCESSES)
    sent = {one["request_id"] for one in stage.journal()}
    _empty(nexus.env["DATABASE_URL"])
    _pg("pg_restore", "--no-owner", f"--dbname={nexus.env['DATABASE_URL']}", str(dump))
    known = {str(row[0]) for row in nexus.rows("SELECT id FROM agents_modelrequest WHERE sent_at IS NOT NULL")}
    held = len(nexus.rows("SELECT 1 FROM nexus_lease"))
    stage.gone |= sent - known
    began = time.monotonic()
    for name in PROCESSES:
        stage.start(name)
    stage.finished(before)
    took = time.monotonic() - began
    stage.quiet()
    there = {row[0] for row in nexus.rows("SELECT public_id FROM workorders_workorder")}
    assert not there & set(after), "an order that was filed after the backup is there"
    asked = [one["request_id"] for one in stage.journal()]
    again = len(asked) - len(sent)
    assert len(set(asked)) == len(asked), "a request id was used again"
    return (
        f"{len(before)} orders under way went on and were done {took:.1f} s later, {len(after)} later ones are gone; "
        f"{held} leases of the dead swept, {again} requests asked anew, none under an id that had been used"
    )


def _pg(program: str, *arguments: str) -> None:
    binary: Path = postgres._wheel() / postgres._BIN / program
    done = subprocess.run([str(binary), *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-600:]


def _empty(url: str) -> None:
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
