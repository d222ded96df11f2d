"""What the soak and the random episodes break things with: each fault breaks one thing and leaves it running again."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from nexus.embedded import valkey
from tests.chaos.stage import Stage, pause
from tests.support.stack import WORKERS

Fault = Callable[[Stage], str]


def database_crashed(stage: Stage) -> str:
    """Postgres stops without a checkpoint, stays away for up to two seconds, and starts again."""
    stage.crash_database(stage.dice.uniform(0, 2))
    return "Postgres crashed"


def broker_flushed(stage: Stage) -> str:
    """Everything in the broker is deleted."""
    with stage.nexus.redis() as client, contextlib.suppress(redis.RedisError):
        client.flushall()
    return "Valkey flushed"


def broker_restarted(stage: Stage) -> str:
    """The broker is killed and starts again empty."""
    stage.nexus.valkey.process.kill()
    stage.nexus.valkey.stop()
    stage.nexus.valkey = valkey.start(stage.nexus.home, durable=False)
    return "Valkey killed"


def process_killed(stage: Stage) -> str:
    """A worker or the dispatcher is killed with all its children; another is started in its place."""
    name = stage.dice.choice((*WORKERS, *WORKERS, "dispatcher"))
    stage.nexus.kill(name)
    if name == "dispatcher":
        stage.nexus.start_dispatcher(wait=False)
        return "dispatcher killed"
    stage.nexus.start_worker(name, wait=False)
    return "worker killed"


def child_killed(stage: Stage) -> str:
    """One child of the prefork pool is killed."""
    worker = stage.nexus.running["tools"].pid
    # The worker may have been started a moment ago, and have none yet.
    with contextlib.suppress(OSError, IndexError):
        children = Path(f"/proc/{worker}/task/{worker}/children").read_text(encoding="ascii").split()
        os.kill(int(stage.dice.choice(children)), signal.SIGKILL)
    return "pool child killed"


def worker_asleep(stage: Stage) -> str:
    """A whole worker sleeps, for up to two leases."""
    process = stage.nexus.running[stage.dice.choice(tuple(WORKERS))]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGSTOP)
        pause(stage.dice.uniform(0.2, 6))
        os.killpg(process.pid, signal.SIGCONT)
    return "worker slept"


def links_cut(stage: Stage) -> str:
    """Every connection to the broker is cut."""
    with stage.nexus.redis() as client, contextlib.suppress(redis.RedisError):
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    return "links to Valkey cut"


def sessions_cut(stage: Stage) -> str:
    """Some sessions of Postgres are terminated."""
    with contextlib.suppress(psycopg.OperationalError):
        stage.nexus.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() ORDER BY random() LIMIT 3"
        )
    return "sessions of Postgres cut"


MENU: tuple[Fault, ...] = (
    database_crashed, broker_flushed, broker_restarted, process_killed, child_killed, worker_asleep, links_cut,
    sessions_cut,
)  # fmt: skip
