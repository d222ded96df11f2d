"""A whole Nexus for journeys, as processes, on a database and a Valkey of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import redis
from psycopg import sql

from nexus.embedded import valkey
from nexus.embedded.ports import free_port
from nexus.embedded.programs import Program, popen_options

from .loopback import NOBODY

ROOT = Path(__file__).resolve().parents[2]
KEY = "nx_0000000000TEST_" + "k" * 32
CANARIES = {
    "ANTHROPIC_API_KEY": "sk-ant-canary-2f61c0d9e4b7",
    "OPENAI_API_KEY": "sk-canary-88d1e05a3c42",
    "TRY_TOKEN": "canary-tok-5b9e7a11f306",
}  # fmt: skip
"""Secrets of every process: of providers and of a tool. Wherever one of them is found, something leaks."""
QUICK = {
    "NEXUS_LEASE_FOR": "8", "NEXUS_HEARTBEAT_EVERY": "1", "NEXUS_SWEEP_EVERY": "0.3",
    "NEXUS_RING_AGAIN_AFTER": "2", "NEXUS_RETRY_BASE": "0.2", "NEXUS_RING_AT_ONCE": "true",
}  # fmt: skip
"""Dials of a test installation: what takes a minute in production takes seconds here."""
WORKERS = {
    "control": ["-Q", "nexus.control,nexus.notify", "-P", "threads", "-c", "8"],
    "agents": ["-Q", "nexus.agents,nexus.model.gemini,nexus.model.sd,nexus.model.deepseek", "-P", "threads", "-c", "8"],
    "tools": ["-Q", "nexus.tools,nexus.build,nexus.deploy", "-P", "prefork", "-c", "2"],
}


ON_DEMAND = {
    "crowd": ["-Q", "nexus.agents", "-P", "threads", "-c", "50"],
    "lone": ["-Q", "nexus.tools", "-P", "prefork", "-c", "1"],
}
"""Workers that nobody starts but by name."""


IS_MEASURED = "COVERAGE_PROCESS_CONFIG" in os.environ
"""Whether it is counted which lines are run: a process tells that as it ends, and has to be asked to."""


class Process:
    """A started process whose output is read as it comes."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str]) -> None:
        """Start it in a session of its own, so that its children can be killed with it."""
        self.name = name
        self.lines: list[str] = []
        # It dies with this session, whatever ends that.
        options = popen_options(Program(name=name, argv=tuple(argv), env=env, cwd=ROOT))
        self._popen = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.lines.append(line.rstrip())

    def says(self, words: str, *, within: float = 60) -> str:
        """Wait for a line with `words` and return it."""
        until = time.monotonic() + within
        while True:
            for line in list(self.lines):
                if words in line:
                    return line
            if self._popen.poll() is not None or time.monotonic() > until:
                tail = "\n".join(self.lines[-30:])
                raise AssertionError(f"{self.name} never said {words!r} (exit {self._popen.poll()}):\n{tail}")
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    def end(self) -> None:
        """Let it be gone, and say before what it has run where somebody wants to know."""
        if IS_MEASURED:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(10)
        self.kill()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Signal the whole group and wait for its leader."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)
        self._popen.wait(30)
        self._reader.join(5)
        if self._popen.stdout:
            self._popen.stdout.close()


class Stack:
    """The processes, and the doors that a user has."""

    def __init__(self, home: Path, database_url: str, **env: str) -> None:
        """Start the Valkey and the sandbox; the rest is started by name, all with `env` in its environment."""
        self.home = home
        self.running: dict[str, Process] = {}
        self.ever: list[Process] = []
        """Those that were killed, too: what they said is kept."""
        self.valkey = valkey.start(home, durable=False)
        self.web_port = free_port()
        self.env = {
            **os.environ, **QUICK, "DATABASE_URL": database_url, "REDIS_URL": self.valkey.url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test", "MEDIA_ROOT": str(home / "media"),
            "NEXUS_APPS": "tests.support.work", "NEXUS_SYSTEM_LOG_DAYS": "14",
            "NEXUS_INIT_API_KEY": KEY, "NEXUS_INIT_ADMIN_USER": "board",
            "NEXUS_INIT_ADMIN_PASSWORD": "correct horse battery",
            "TELEGRAM_WEBHOOK_SECRET": "brings_updates", "PYTHONUNBUFFERED": "1", **CANARIES, **env,
        }  # fmt: skip
        sandbox = self.start("sandbox", "-m", "apps.sandbox", "--host", "127.0.0.1", "--port", "0", "--latency-ms", "5")
        self.sandbox_url = json.loads(sandbox.says('"url"'))["url"]
        self.env["NEXUS_SANDBOX_URL"] = self.sandbox_url

    def start(self, name: str, *argv: str, **env: str) -> Process:
        """Start a Python process under a name; `env` is its own."""
        self.running[name] = Process(name, [sys.executable, *argv], self.env | env)
        self.ever.append(self.running[name])
        return self.running[name]

    def up(self, *, migrated: bool = False) -> None:
        """Migrate, unless that is done, bootstrap, and start web, dispatcher and workers."""
        for command in (*([] if migrated else [["migrate", "-v0"]]), ["bootstrap", "--json"]):
            subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, env=self.env, check=True, capture_output=True
            )
        self.start_web(wait=False)
        self.start_dispatcher(wait=False)
        for name in WORKERS:
            self.start_worker(name, wait=False)
        self.running["web"].says("Uvicorn running")
        self.running["dispatcher"].says("is ready")
        for name in WORKERS:
            self.running[name].says("ready.")

    def start_web(self, *, wait: bool = True, **env: str) -> None:
        """Start the web process."""
        web = self.start(
            "web",
            "-m",
            "uvicorn",
            "config.asgi:application",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.web_port),
            **env,
        )
        if wait:
            web.says("Uvicorn running")

    def start_dispatcher(self, name: str = "dispatcher", *, wait: bool = True, **env: str) -> None:
        """Start a dispatcher."""
        dispatcher = self.start(name, "manage.py", "dispatcher", **env)
        if wait:
            dispatcher.says("is ready")

    def start_worker(self, name: str, *, like: str = "", wait: bool = True, **env: str) -> None:
        """Start one of WORKERS, or a second one `like` it."""
        worker = self.start(
            name, "-m", "celery", "-A", "config.celery", "worker", "-n", f"{name}@%h", "--without-gossip",
            "--without-mingle", "-l", "INFO", *(WORKERS | ON_DEMAND)[like or name], **env,
        )  # fmt: skip
        if wait:
            worker.says("ready.")

    def kill(self, *names: str, number: int = signal.SIGKILL) -> None:
        """Kill processes by name."""
        for name in names:
            self.running.pop(name).kill(number)

    def mend(self) -> None:
        """Start again what should be running and is not."""
        if self.valkey.stopped:
            self.restart_valkey()
        if "dispatcher" not in self.running:
            self.start("dispatcher", "manage.py", "dispatcher").says("is ready")
        for name in WORKERS:
            if name not in self.running:
                self.start_worker(name)

    def restart_valkey(self) -> None:
        """Stop the Valkey and start it again, empty, at the same address."""
        self.valkey.stop()
        self.valkey = valkey.start(self.home, durable=False)
        assert self.valkey.url == self.env["REDIS_URL"]

    def down(self) -> None:
        """Stop everything."""
        for name in reversed(list(self.running)):
            self.running.pop(name).end()
        self.valkey.stop()

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.web_port}"

    def client(self, **given: Any) -> httpx2.Client:
        """An HTTP client with the key."""
        return httpx2.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=30,
            trust_env=False,
            **{"verify": NOBODY} | given,
        )

    def sandbox(self) -> httpx2.Client:
        """A client of the sandbox."""
        return httpx2.Client(base_url=self.sandbox_url, timeout=30, trust_env=False, verify=NOBODY)

    def redis(self) -> redis.Redis:
        """A client of the Valkey."""
        return redis.Redis.from_url(self.env["REDIS_URL"])

    def submit(self, type: str, **more: Any) -> int:
        """Submit a run of one task of a test type; return its id. `more` is for TaskSpec."""
        return self.submit_all([{"key": "one", "type": type} | more])

    def submit_all(self, tasks: list[dict[str, Any]], *, subject: str = "s", tenant: str = "t") -> int:
        """Submit a run of several tasks, as an embedding program would; return its id."""
        program = (
            "from django.db import transaction; from nexus import engine\n"
            "with transaction.atomic():\n"
            f"    print(engine.submit(tenant={tenant!r}, subject={subject!r}, "
            f"tasks=[engine.TaskSpec(**one) for one in {tasks!r}]).pk)"
        )
        return int(self._does(program).split()[-1])

    def cancel(self, run: int) -> None:
        """Stop a run that was submitted so."""
        self._does(f"from nexus import engine\nengine.cancel(run_id={run})")

    def _does(self, program: str) -> str:
        """What a program prints that runs beside the stack."""
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
            cwd=ROOT, env=self.env, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def database_allows(self, connections: bool) -> None:
        """Let the database refuse every connection, the open ones too, or take them again."""
        server, _, name = self.env["DATABASE_URL"].rpartition("/")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(name), sql.Literal(connections))
            )
            if not connections:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.env["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(statement, params).fetchall()


@contextlib.contextmanager
def stack(home: Path, *, like: str | None = None) -> Iterator[Stack]:
    """A running Nexus on a database of its own beside the session's, made `like` one that is migrated and idle."""
    server = os.environ["DATABASE_URL"]
    name = f"journey_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(server, autocommit=True) as connection:
        if like:  # a thread that is left over would stand in the way
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [like])
        made_of = sql.Identifier(like or "template1")
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), made_of))
    made = Stack(home, f"{server.rpartition('/')[0]}/{name}")
    try:
        made.up(migrated=bool(like))
        yield made
    finally:
        made.down()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
