"""The peers, each with the settings that its documentation recommends for speed."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial

import psycopg

from nexus.embedded.ports import free_port
from nexus.embedded.stack import answers

from . import venvs
from .contestants import Entry
from .ground import Ground
from .measured import NotRun


def celery(ground: Ground, *, pool: str) -> Entry:
    """Bare Celery with a Redis broker and result backend: `prefork` has one worker of two, `solo` two of one."""
    python = venvs.python_of("celery", home=ground.kept)
    worker = (
        python, "-m", "celery", "-A", "celery_app", "worker", "--without-gossip", "--without-mingle", "-l", "WARNING",
    )  # fmt: skip
    workers = (
        [(*worker, "-P", "prefork", "-c", "2", "-n", "one@%h")]
        if pool == "prefork"
        else [(*worker, "-P", "solo", "-n", f"{name}@%h") for name in ("one", "two")]
    )
    env = plain() | {"REDIS_URL": ground.valkey(1 if pool == "prefork" else 2)}
    return Entry(
        name=f"celery_{pool}", database="", client=(python, "celery_client.py"), workers=tuple(workers), env=env
    )


def plain() -> dict[str, str]:
    """The environment without what is meant for Nexus."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("NEXUS", "DJANGO", "PYTHON"))}


def dbos(ground: Ground, *, way: str, shape: str) -> Entry:
    """DBOS: `queue` has two workers; `direct` runs in the process that files. Steps `sequential` or `parallel`."""
    python = venvs.python_of("dbos", home=ground.kept)
    name = f"dbos_{way}_{shape}"
    address = ground.database(name)
    return Entry(
        name=name,
        database=name,
        client=(python, "dbos_client.py", way, shape),
        workers=((python, "dbos_worker.py"),) * 2 if way == "queue" else (),
        env=plain() | {"DATABASE_URL": address.replace("postgres://", "postgresql://", 1)},
        answers=partial(_has_queue, address) if way == "queue" else _at_once,
    )


def _at_once() -> bool:
    return True


def _has_queue(address: str) -> bool:
    with suppress(psycopg.Error), psycopg.connect(address) as connection:
        return connection.execute("SELECT 1 FROM dbos.queues WHERE name = 'orders'").fetchone() is not None
    return False


def procrastinate(ground: Ground) -> Entry:
    """Two workers, eight jobs at a time in each."""
    python = venvs.python_of("procrastinate", home=ground.kept)
    return Entry(
        name="procrastinate",
        database="procrastinate",
        client=(python, "procrastinate_client.py"),
        workers=((python, "procrastinate_worker.py"),) * 2,
        prepare=((python, "procrastinate_schema.py"),),
        env=plain() | {"DATABASE_URL": ground.database("procrastinate")},
    )


def prefect(ground: Ground) -> Entry:
    """A server on its usual SQLite; flows run in the process that files them. The run says why, if it cannot be.

    On Postgres it insists on the extension pg_trgm, which the wheel of ours does not have.
    """
    try:
        python = venvs.python_of("prefect", home=ground.kept)
    except venvs.CannotInstall as error:
        raise NotRun(str(error)) from error
    port = free_port()
    env = {
        "PREFECT_HOME": str(ground.home.path / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_CLIENT_MAX_RETRIES": "50",  # while SQLite is busy its server answers 503; after five a flow fails
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    return Entry(
        name="prefect",
        database="",
        client=(python, "prefect_client.py"),
        workers=((python, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)),),
        env=plain() | env,
        answers=partial(_answers, f"http://127.0.0.1:{port}/api/health"),
    )


def _answers(url: str) -> bool:
    with suppress(OSError):
        answers(url)
        return True
    return False
