"""What /readyz asks: may this process be sent requests, and does what it takes in get done?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from nexus import engine

STALE = timedelta(seconds=15)
Status = Literal["ok", "degraded", "down"]
_migrated = False


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    ok: bool
    detail: str


def database() -> Check:
    """Does Postgres answer?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check(True, "answers")


def migrations() -> Check:
    """Is the schema the one that this code was written for?"""
    global _migrated  # noqa: PLW0603 - a schema does not go back while a process runs; asking costs 50 ms
    if not _migrated:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return Check(False, f"{len(missing)} not applied: run manage.py migrate")
        _migrated = True
    return Check(True, "applied")


def broker() -> Check:
    """Does Redis answer? Without it orders are still taken in, and run when it is back."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None)
    try:
        client.ping()
    except redis.RedisError as error:
        return Check(False, f"does not answer ({type(error).__name__}); orders wait until it does")
    finally:
        client.close()
    return Check(True, "answers")


def dispatcher() -> Check:
    """Has a dispatcher been seen lately?"""
    seen = engine.dispatcher_seen_at()
    if seen is None:
        return Check(False, "never seen; start manage.py dispatcher")
    age = timezone.now() - seen
    if age > STALE:
        return Check(False, f"last seen {int(age.total_seconds())} s ago; start manage.py dispatcher")
    return Check(True, "seen lately")


NEEDED: dict[str, Callable[[], Check]] = {"database": database, "migrations": migrations}
"""Without these no request can be answered."""
WANTED: dict[str, Callable[[], Check]] = {"redis": broker, "dispatcher": dispatcher}
"""Without these requests are answered, and the work waits."""


def report() -> tuple[Status, dict[str, dict[str, object]]]:
    """Run every check; one that breaks is one that fails."""
    checks = {name: _run(check) for name, check in (NEEDED | WANTED).items()}
    down = not all(checks[name].ok for name in NEEDED)
    degraded = not all(check.ok for check in checks.values())
    status: Status = "down" if down else "degraded" if degraded else "ok"
    return status, {name: asdict(check) for name, check in checks.items()}


def _run(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (DatabaseError, InterfaceError) as error:
        return Check(False, f"the database does not answer ({type(error).__name__})")
