"""One durable Postgres and one Valkey for everybody, and what a group of processes costs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from apps.terminal import place
from nexus.embedded import stack
from nexus.embedded.home import Home
from nexus.embedded.servers import Server, Service, launch

MIB = 1 << 20


class Ground:
    """The servers, the databases, and everything that Nexus runs as, the way `up` runs it."""

    def __init__(self, home: Home, kept: Path) -> None:
        """Nothing is started yet."""
        self.home, self.kept = home, kept
        environ = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
        environ |= {
            "NEXUS_APPS": "tests.bench.work", "ANTHROPIC_API_KEY": "", "NEXUS_SANDBOX_URL": "", "PYTHONUTF8": "1",
        }  # fmt: skip
        self._drawn = stack.draw_up(home, root=place.ROOT, environ=environ)
        self.env = dict(self._drawn.env)
        self.servers: dict[str, Server] = {}

    def open(self) -> None:
        """Start the servers and make the schema of Nexus."""
        for service in self._drawn.stages[0].services:
            self.start(service)
        self.lay_out()

    def lay_out(self, **env: str) -> None:
        """Migrate and bootstrap, as `up` does before it starts the rest."""
        for program in self._drawn.stages[0].then:
            done = subprocess.run(
                program.argv, env={**program.env, **env}, cwd=program.cwd, check=False, capture_output=True, text=True
            )
            if done.returncode:
                raise RuntimeError(f"{program.name} failed: {done.stderr.strip()[-800:]}")

    def start(self, service: Service) -> Server:
        """Start one service of the stack."""
        name = service.program.name
        self.servers[name] = launch(service, log=self.log(name), within=60)
        return self.servers[name]

    def stop(self, name: str) -> None:
        """Stop one service; one that was frozen would not hear it."""
        server = self.servers.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.process.pid, signal.SIGCONT)
        server.stop()

    def service(self, name: str) -> Service:
        """A service as `up` runs it, by its name."""
        found = [one for stage in self._drawn.stages for one in stage.services if one.program.name == name]
        if not found:
            raise LookupError(f"`up` runs no {name}")
        return found[0]

    def log(self, name: str) -> Path:
        """Where the output of a process goes."""
        return self.home.path / "logs" / f"{name}.log"

    def close(self) -> None:
        """Stop all that was started."""
        for name in reversed(list(self.servers)):
            self.stop(name)

    # --- Databases

    def database(self, name: str) -> str:
        """The address of a database of its own, made when it is missing."""
        with self.connection() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.env['DATABASE_URL'].rpartition('/')[0]}/{name}"

    def valkey(self, number: int) -> str:
        """The address of one of Valkey's numbered databases."""
        return f"{self.env['REDIS_URL'].rpartition('/')[0]}/{number}"

    @contextlib.contextmanager
    def connection(self, name: str = "nexus") -> Iterator[psycopg.Connection]:
        """A connection to one of the databases."""
        address = f"{self.env['DATABASE_URL'].rpartition('/')[0]}/{name}"
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def commits(self, database: str) -> int:
        """Transactions that were committed in a database so far."""
        with self.connection("postgres") as connection:
            connection.execute("SELECT pg_stat_force_next_flush()")
            rows = connection.execute(
                "SELECT xact_commit FROM pg_stat_database WHERE datname = %s", [database]
            ).fetchall()
        return int(rows[0][0]) if rows else 0

    @contextlib.contextmanager
    def logged_statements(self) -> Iterator[Path]:
        """Let Postgres write every statement into its log meanwhile: this wheel has no pg_stat_statements."""
        with self.connection("postgres") as connection:
            for setting, value in (("log_statement", "all"), ("log_line_prefix", "<%d> ")):
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), value))
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield self.log("postgres")
        finally:
            with self.connection("postgres") as connection:
                for setting in ("log_statement", "log_line_prefix"):
                    connection.execute(sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(setting)))
                connection.execute("SELECT pg_reload_conf()")


class Meter:
    """What some process trees cost: CPU and memory."""

    def __init__(self, pids: list[int]) -> None:
        """Nothing read yet."""
        self._pids = pids

    def processes(self) -> list[psutil.Process]:
        """Every process of the trees that is alive."""
        found: dict[int, psutil.Process] = {}
        for pid in self._pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                root = psutil.Process(pid)
                found |= {one.pid: one for one in (root, *root.children(recursive=True))}
        return list(found.values())

    def cpu_s(self) -> float:
        """CPU seconds so far, of children that have ended too."""
        spent = 0.0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system + times.children_user + times.children_system
        return spent

    def rss_mib(self) -> float:
        """Resident memory of all, shared pages counted in each."""
        whole = 0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                whole += process.memory_info().rss
        return whole / MIB

    def memory_mib(self) -> float:
        """Memory; pages that several share are divided among them where the kernel says it."""
        whole = 0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                found = process.memory_full_info()
                whole += getattr(found, "pss", found.rss)
        return whole / MIB


@contextlib.contextmanager
def ground(*, kept: Path) -> Iterator[Ground]:
    """Servers on data of their own, below the folder that is kept: on the disk that the product would use."""
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="ground-", dir=kept))
    made = Ground(Home.open(path), kept)
    try:
        made.open()
        yield made
    finally:
        made.close()
        shutil.rmtree(path, ignore_errors=True)


def wait_until(is_so: object, *, within: float = 60, what: str) -> None:
    """Ask again and again until the answer is true."""
    deadline = time.monotonic() + within
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:.0f} s")
        time.sleep(0.02)
