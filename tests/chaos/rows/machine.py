"""Rows that break the machine under a process: its memory, its clock, its disk."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import redis

from nexus.embedded import postgres
from tests.chaos import oracle
from tests.chaos.clock import Clock
from tests.chaos.stage import LEASE, CannotRun, Stage, pause, stage
from tests.support import orders
from tests.support.rivals import wait_for

ROOM = 192
"""Megabytes that a worker may grow by."""


def out_of_memory(on: Stage) -> str:
    """Row 3: a task wants more memory than its process may have, and is refused it, or killed for it."""
    worker = on.nexus.running["tools"].pid
    for pid in (worker, *_children(worker)):
        limit = _megabytes(pid) + ROOM
        # Children that are forked later have the worker's limit.
        resource.prlimit(pid, resource.RLIMIT_AS, (limit * 2**20, limit * 2**20))
    try:
        for killed, outcome in ((False, "retry"), (True, "retry")):
            run = on.nexus.submit("test.devours", input={"megabytes": 1024, "killed": killed})
            on.await_rows("SELECT 1 FROM nexus_task WHERE run_id = %s AND state = 'failed'", run, within=40)
            assert on.attempts(run)[0] == outcome, on.attempts(run)
            assert len(on.attempts(run)) == 2, on.attempts(run)
            on.run_done(on.nexus.submit("test.devours", input={"megabytes": 8}))
        assert on.nexus.running["tools"].pid == worker
        assert on.nexus.running["tools"]._popen.poll() is None, "the worker ended"
    finally:
        on.anew("tools")
    return f"1 GB under a limit of {ROOM} MB more: refused twice, killed twice, buried; the worker served the next task"


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _megabytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize() // 2**20


def clocks(on: Stage) -> str:
    """Row 27: the clock of a worker jumps an hour, one way and the other; the dispatcher's goes ten minutes late."""
    worker, dispatcher = Clock(on.nexus.home, "worker"), Clock(on.nexus.home, "dispatcher")
    on.anew("agents", **worker.env)
    on.anew("dispatcher", **dispatcher.env)
    try:
        executions = 0
        for jump in (3600, -3600):
            door = on.door()
            run = on.nexus.submit("test.waits", input={"until": str(door)})
            on.holder(run)
            worker.shift(jump)
            dispatcher.shift(-600)
            assert abs(_told(on) - time.time() - jump) < 60, "the clock did not jump"
            filed = on.file(3)
            pause(2 * LEASE)
            assert not any(on.attempts(run)), f"its lease ended early: {on.attempts(run)}"
            door.touch()
            on.run_done(run)
            assert on.attempts(run) == ["completed"], on.attempts(run)
            on.finished(filed)
            executions += _once(on, filed)
            worker.shift(0)
            dispatcher.shift(0)
    finally:
        on.anew("agents", "dispatcher")
    return f"held for two leases through both jumps; {executions} executions of {executions} tasks"


def _told(on: Stage) -> float:
    run = on.nexus.submit("test.clock")
    on.run_done(run)
    return float(on.nexus.rows("SELECT (output->>'now')::float FROM nexus_task WHERE run_id = %s", run)[0][0])


def _once(on: Stage, filed: list[str]) -> int:
    many, tasks, rings = on.nexus.rows(
        "SELECT count(a.id), count(DISTINCT t.id), sum(t.rings) FROM nexus_task t "
        "JOIN workorders_workorder o ON o.run_id = t.run_id LEFT JOIN nexus_attempt a ON a.task_id = t.id "
        "WHERE o.public_id = ANY(%s)",
        filed,
    )[0]
    assert many == tasks, f"{many} executions of {tasks} tasks"
    assert rings <= 2 * tasks, f"{rings} doorbells for {tasks} tasks"
    return int(tasks)


def disk_full(_: Stage) -> str:
    """Row 28: no room for Postgres' log nor for the broker's, on a file system of their own."""
    with _small_disk() as folder, stage(0, home=folder / "home") as on:
        with on.nexus.redis() as client:
            client.config_set("appendonly", "yes")
        filed = on.file(2)
        on.finished(filed)
        filler = folder / "filler"
        _fill(filler)
        refused, taken = _filed_until_refused(on)
        broker = _broker_refuses(on)
        filler.unlink()
        began = time.monotonic()
        with contextlib.suppress(Exception):
            wait_for(lambda: on.database.process.poll() is not None, within=2)
        if on.database.process.poll() is not None:
            on.database.stop()
            on.database = postgres.start(on.nexus.home)
        filed += taken + on.file(2)
        on.finished(filed, within=60)
        took = time.monotonic() - began
        on.mend()
        on.quiet()
        broken = oracle.breaches(on.nexus)
        assert not broken, "; ".join(broken)
    return (
        f"{refused} meanwhile, {len(taken)} orders were taken in as the disk filled, the broker {broker}; "
        f"all {len(filed)} done {took:.1f} s after there was room"
    )


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)


def _filed_until_refused(on: Stage) -> tuple[str, list[str]]:
    taken: list[str] = []
    codes: list[int] = []
    until = time.monotonic() + 30
    with on.nexus.client() as client:
        while codes.count(503) < 3:
            assert time.monotonic() < until, f"a full disk was not noticed: {codes}"
            answer = client.post(
                "/api/v2/work-orders",
                json={"message": orders.REQUEST},
                headers={"Idempotency-Key": f"full-{len(codes)}"},
            )
            codes.append(answer.status_code)
            assert answer.status_code in (201, 503), answer.text
            if answer.status_code == 201:
                taken.append(answer.json()["id"])
    return "503", taken


def _broker_refuses(on: Stage) -> str:
    """What the broker says to a write while its log has no room."""
    with on.nexus.redis() as client:
        try:
            for _ in range(20):
                client.set("filler", b"x" * 1_000_000)
                pause(0.1)
        except redis.RedisError as error:
            return f"refused writes ({str(error)[:20]}…)"
    return "took writes all the same"


@contextlib.contextmanager
def _small_disk() -> Iterator[Path]:
    import tempfile

    if os.geteuid() != 0 or shutil.which("mount") is None:
        raise CannotRun("needs root, to mount a file system of a size of its own")
    with tempfile.TemporaryDirectory(prefix="nexus-disk-") as name:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=320m,mode=755", "none", name], check=False, capture_output=True
        )
        if mounted.returncode:
            raise CannotRun("needs the right to mount a file system of a size of its own")
        try:
            (Path(name) / "home").mkdir()
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=False)
