"""Who competes: each as its processes. While one is measured, all others are stopped where they stand."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from apps.terminal import place
from nexus.embedded.programs import Program, popen_options, spawn

from .ground import Ground, wait_until

CLIENTS = Path(__file__).resolve().parent / "clients"


class Broke(Exception):
    """A contestant's process ended, or said something else than an answer."""

    def __init__(self, who: str, why: str) -> None:
        """Say whose process it was."""
        super().__init__(f"{who}: {why}")
        self.who = who


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A contestant, described."""

    name: str
    database: str
    client: tuple[str, ...]
    workers: tuple[tuple[str, ...], ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path = CLIENTS
    prepare: tuple[tuple[str, ...], ...] = ()
    """Programs that run to their end before anything else."""
    answers: Callable[[], bool] = lambda: True
    """True when the workers can be talked to: the client starts then."""


class Contestant:
    """The processes of an entry."""

    def __init__(self, entry: Entry, ground: Ground) -> None:
        """Start everything; return when a first order went through."""
        self.entry, self._ground = entry, ground
        self._started: list[subprocess.Popen[Any]] = []
        self._log = ground.log(entry.name).open("ab")
        try:
            for argv in entry.prepare:
                subprocess.run(argv, env=dict(entry.env), cwd=entry.cwd, check=True, stdout=self._log, stderr=self._log)
            for number, argv in enumerate(entry.workers):
                self._started.append(spawn(self._program(f"{entry.name}-{number}", argv), output=self._log))
            wait_until(self._is_up, within=180, what=f"{entry.name} to answer")
            self._client = self._start_client()
            self._answer()
            self.ask(do="one")
        except (TimeoutError, subprocess.CalledProcessError) as error:
            said = f"{error}: {self._tail()}"
            self.close()
            raise Broke(entry.name, said) from error
        except BaseException:
            self.close()
            raise

    def _is_up(self) -> bool:
        if ended := [process.returncode for process in self._started if process.poll() is not None]:
            raise Broke(self.entry.name, f"a worker ended with {ended[0]}: {self._tail()}")
        return self.entry.answers()

    def _program(self, name: str, argv: tuple[str, ...]) -> Program:
        return Program(name=name, argv=argv, env=self.entry.env, cwd=self.entry.cwd)

    def _start_client(self) -> subprocess.Popen[str]:
        options = popen_options(self._program(self.entry.name, self.entry.client))
        client = subprocess.Popen(
            self.entry.client, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, **options
        )
        self._started.append(client)
        return client

    def ask(self, **question: object) -> dict[str, Any]:
        """Tell the client what to do; return what it answers when it has done it."""
        self._write(self._client.stdin, json.dumps(question) + "\n")
        return self._answer()

    def _write(self, pipe: IO[str] | None, line: str) -> None:
        assert pipe is not None
        try:
            pipe.write(line)
            pipe.flush()
        except BrokenPipeError as error:
            raise Broke(self.entry.name, f"its client is gone: {self._tail()}") from error

    def _answer(self) -> dict[str, Any]:
        assert self._client.stdout is not None
        for line in self._client.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        raise Broke(self.entry.name, f"its client ended ({self._client.wait(10)}): {self._tail()}")

    def _tail(self) -> str:
        self._log.flush()
        return self._ground.log(self.entry.name).read_text(encoding="utf-8", errors="replace")[-3000:]

    @property
    def pids(self) -> list[int]:
        """The leaders of its process groups."""
        return [process.pid for process in self._started if process.poll() is None]

    def freeze(self) -> None:
        """Stop every process where it stands."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on; return when an order went through, so that nobody is still asleep."""
        self._signal(signal.SIGCONT)
        self.ask(do="one")

    def hold_workers(self) -> None:
        """Stop all but the client: what it files waits."""
        self._signal(signal.SIGSTOP, besides=self._client.pid)

    def release_workers(self) -> None:
        """Let them work."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int, *, besides: int = 0) -> None:
        for pid in [one for one in self.pids if one != besides]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)

    def close(self) -> None:
        """End them."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        for process in self._started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(8)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        self._log.close()


# --- Nexus


def pools(text: str) -> list[tuple[str, str]]:
    """`threads:4x1,prefork:2x1`: kind, size of each, how many processes; as (kind, size) per process."""
    found = []
    for one in filter(None, text.split(",")):
        kind, _, sizes = one.partition(":")
        size, _, count = sizes.partition("x")
        found += [(kind, str(int(size)))] * int(count or 1)
    return found


def nexus(ground: Ground, *, pool: str = "", database: str = "nexus", valkey: int = 0) -> Entry:
    """The dispatcher and the workers that `up` runs for the queue of the orders, or the pools that were named."""
    agents = ground.service("worker-agents").program.argv
    workers = [with_pool(agents, number, one) for number, one in enumerate(pools(pool))] or [agents]
    addresses = {
        "DATABASE_URL": ground.database(database),
        "REDIS_URL": ground.valkey(valkey),
        "PYTHONPATH": os.pathsep.join([str(place.ROOT), str(CLIENTS)]),
    }
    return Entry(
        name=database,
        database=database,
        client=(sys.executable, str(CLIENTS / "nexus_client.py")),
        workers=(ground.service("dispatcher").program.argv, *workers),
        env=ground.env | addresses,
        cwd=place.ROOT,
    )


def with_pool(argv: tuple[str, ...], number: int, pool: tuple[str, str]) -> tuple[str, ...]:
    """The same worker with another pool, and a name of its own."""
    words = list(argv)
    for option, value in (("-P", pool[0]), ("-c", pool[1]), ("-n", f"agents{number}@%h")):
        words[words.index(option) + 1] = value
    return tuple(words)
