"""A whole Nexus in the chaos profile, and what rows do with it: load it, break it, wait, mend it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg

from nexus.embedded import postgres
from nexus.embedded.servers import Server
from tests.chaos.proxy import Proxy
from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import ROOT, WORKERS, Process, Stack

LEASE, SWEEP, GRACE = 3.0, 0.3, 0.3
BOUND = LEASE + SWEEP + GRACE + 1.0
"""I10: the longest that a dead worker's task may stay held."""
DIALS = {
    "NEXUS_LEASE_FOR": f"{LEASE}", "NEXUS_HEARTBEAT_EVERY": "0.7", "NEXUS_SWEEP_EVERY": f"{SWEEP}",
    "NEXUS_RING_AGAIN_AFTER": "2", "NEXUS_RETRY_BASE": "0.2", "NEXUS_COVERED_FOR": "1",
}  # fmt: skip


class CannotRun(Exception):
    """This machine cannot break that; the message says what is missing."""


class Stage:
    """The running Nexus of a row, and the dice of the run."""

    def __init__(self, nexus: Stack, *, database: Server, seed: int) -> None:
        """Take what is running."""
        self.nexus, self.database = nexus, database
        self.dice = random.Random(seed)
        self._doors = 0
        self.gone: set[str] = set()
        """Requests that were sent and of which a restored database cannot know."""

    # --- Load

    def file(self, count: int = 1, *, within: float = 60) -> list[str]:
        """File orders as a client does that insists: the same key until there is an answer; return their ids."""
        return [self._insist(str(uuid4()), time.monotonic() + within) for _ in range(count)]

    def _insist(self, key: str, until: float) -> str:
        with self.nexus.client() as client:
            while True:
                with contextlib.suppress(httpx2.TransportError):
                    answer = client.post(
                        "/api/v2/work-orders", json={"message": orders.REQUEST}, headers={"Idempotency-Key": key}
                    )
                    if answer.status_code == 201:
                        return str(answer.json()["id"])
                    assert answer.status_code in (409, 503), answer.text
                assert time.monotonic() < until, "no order was taken in"
                pause(0.1)

    def finished(self, filed: list[str], *, within: float = 60) -> float:
        """Wait until every one of these orders is completed; return the seconds that it took."""
        began = time.monotonic()
        self.await_rows(
            "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM workorders_workorder o JOIN nexus_run r ON r.id = o.run_id "
            "WHERE o.public_id = ANY(%s) AND r.state <> 'completed')",
            filed,
            within=within,
            what="every order to be completed",
        )
        return time.monotonic() - began

    def door(self) -> Path:
        """A file that is not there yet: tasks of the type test.waits wait for it."""
        self._doors += 1
        return self.nexus.home / f"door-{self._doors}"

    def script(self, times: int | None = 1, contains: str = "", **do: Any) -> None:
        """Tell the sandbox what to do with the next requests."""
        with self.nexus.sandbox() as sandbox:
            sandbox.post("/scenarios", json={"match": {"contains": contains}, "times": times, "do": do})

    def journal(self) -> list[dict[str, Any]]:
        """Every model request that the sandbox received."""
        with self.nexus.sandbox() as sandbox:
            return [one for one in sandbox.get("/journal").json() if one["path"] == "/v1/messages"]

    def program(self, text: str, **env: str) -> str:
        """Run a few lines where the engine is at hand, as an operator does in a shell; return what they print."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", f"from nexus import engine\n{text}"],
            cwd=ROOT, env=self.nexus.env | env, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-800:]
        return done.stdout

    # --- Facts

    def await_rows(self, statement: str, *params: object, within: float = 30, what: str = "rows") -> list[Any]:
        """Wait until a statement finds something; a database that is away has nothing."""

        def ask() -> list[Any]:
            with contextlib.suppress(psycopg.OperationalError):
                return self.nexus.rows(statement, *params)
            return []

        return list(wait_for(ask, within=within, what=what))

    def holder(self, run: int) -> tuple[int, int]:
        """Wait until a task of the run is held; return its id and the process that holds it."""
        [(task, worker)] = self.await_rows(
            "SELECT l.task_id, l.holder FROM nexus_lease l JOIN nexus_task t ON t.id = l.task_id WHERE t.run_id = %s",
            run,
            what="a task in hand",
        )
        return task, int(worker.rpartition("/")[2])

    def run_done(self, run: int, *, within: float = 30, state: str = "completed") -> None:
        """Wait until a run is over."""
        self.await_rows(
            "SELECT 1 FROM nexus_run WHERE id = %s AND state = %s",
            run,
            state,
            within=within,
            what=f"run {run}: {state}",
        )

    def attempts(self, run: int) -> list[str]:
        """How the executions of a run ended, oldest first."""
        rows = self.nexus.rows(
            "SELECT a.outcome FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id WHERE t.run_id = %s "
            "ORDER BY a.id",
            run,
        )
        return [row[0] for row in rows]

    # --- Breaking and mending

    def died(self, name: str, *, within: float = 40) -> Process:
        """Wait until a process has killed itself; forget it."""
        process = self.nexus.running[name]
        wait_for(lambda: process._popen.poll() is not None, within=within, what=f"{name} to die at its crash point")
        assert process._popen.returncode == -signal.SIGKILL, (process._popen.returncode, process.lines[-5:])
        self.nexus.kill(name)
        return process

    def start(self, name: str, *, wait: bool = True, **env: str) -> None:
        """Start a process of the usual ones under its name, and wait until it works."""
        if name == "web":
            self.nexus.start_web(wait=wait, **env)
        elif name == "dispatcher":
            self.nexus.start_dispatcher(wait=wait, **env)
        else:
            self.nexus.start_worker(name, wait=wait, **env)

    @contextlib.contextmanager
    def behind(self, *names: str, **env: str) -> Iterator[tuple[Proxy, Proxy, Proxy]]:
        """Start these processes anew behind proxies: before the broker, the database and the provider of each."""
        before = [self.nexus.env[name] for name in ("REDIS_URL", "DATABASE_URL", "NEXUS_SANDBOX_URL")]
        with contextlib.ExitStack() as open_:
            broker, database, provider = (open_.enter_context(Proxy(url, dice=self.dice)) for url in before)
            env |= {"REDIS_URL": broker.url, "DATABASE_URL": database.url, "NEXUS_SANDBOX_URL": provider.url}
            self.anew(*names, **env)
            yield broker, database, provider
            for proxy in (broker, database, provider):
                proxy.passing()
            self.quiet()
            for name in names:
                self.nexus.kill(name)
        # After a breach they stay as they are, and what they said is shown.
        self.anew(*names)

    def anew(self, *names: str, **env: str) -> None:
        """Start processes again, with `env` in their environment."""
        for name in names:
            if name in self.nexus.running:
                self.nexus.kill(name)
            self.start(name, **env)

    def crash_database(self, down_for: float) -> None:
        """Stop Postgres without a checkpoint; start it again after a while."""
        self.database.process.send_signal(signal.SIGQUIT)
        self.database.process.wait(20)
        self.database.stop()
        pause(down_for)
        self.database = postgres.start(self.nexus.home)

    def meanwhile(self, act: Callable[[], Any]) -> contextlib.AbstractContextManager[Any]:
        """Call `act` again and again in a thread while the block runs."""
        return _again_and_again(act)

    def mend(self) -> None:
        """Start what a row left dead, wake what it left asleep, and let everything end."""
        with self.nexus.sandbox() as sandbox:
            sandbox.delete("/scenarios")
        for name, process in list(self.nexus.running.items()):
            if process._popen.poll() is not None:
                self.nexus.kill(name)
            else:
                os.killpg(process.pid, signal.SIGCONT)
        for name in [one for one in self.nexus.running if one not in {"sandbox", "web", "dispatcher", *WORKERS}]:
            self.nexus.kill(name, number=signal.SIGTERM)
        for name in ("web", "dispatcher", *WORKERS):
            if name not in self.nexus.running:
                self.start(name)

    def quiet(self, *, within: float = 40) -> None:
        """Wait until nothing moves and nothing is owed any more."""
        self.await_rows(
            "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM nexus_lease) AND NOT EXISTS "
            "(SELECT 1 FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id WHERE r.state = 'open' "
            " AND (t.state IN ('ready', 'running') OR t.state = 'pending' AND t.deps_left = 0)) AND NOT EXISTS "
            "(SELECT 1 FROM agents_modelrequest WHERE state IN ('INTENT', 'SENT'))",
            within=within,
            what="everything to be quiet",
        )


@contextlib.contextmanager
def stage(seed: int, *, home: Path | None = None) -> Iterator[Stage]:
    """A running stage on servers of its own, in a folder that is there already or in one that vanishes with it."""
    with tempfile.TemporaryDirectory(prefix="nexus-chaos-", ignore_cleanup_errors=True) as folder:
        home = home or Path(folder)
        server = postgres.start(home)  # durable: what it said was committed must be there after a crash
        made = Stage(Stack(home, server.url, **DIALS), database=server, seed=seed)
        try:
            made.nexus.up()
            yield made
        finally:
            made.nexus.down()
            made.database.stop()


def pause(seconds: float) -> None:
    """Let a fault last: there is no fact to wait for but the clock."""
    threading.Event().wait(seconds)


@contextlib.contextmanager
def _again_and_again(act: Callable[[], Any]) -> Iterator[None]:
    ended = threading.Event()
    failed: list[Exception] = []

    def loop() -> None:
        while not ended.is_set() and not failed:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - told at the end of the block
                failed.append(error)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(60)
    if failed:
        raise failed[0]
