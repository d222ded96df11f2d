"""Connections to Postgres in a process of many threads: shared, and held by nobody who waits for something else.

A worker may have five hundred threads, which mostly wait for models; Postgres allows some hundred connections. So the
threads of such a worker draw them from Django's pool, and whoever is about to wait hands its own back.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

WAIT_FOR = 10.0
"""Seconds that a thread waits for a connection; then Postgres counts as away, as if it had refused one."""
CONNECT_ANEW_FOR = 1.0
"""Seconds that the pool tries to replace a lost connection by itself. Its pauses would double from there; whoever
needs one next has it tried at once."""


def share(most: int) -> None:
    """Let the threads of this process share at most `most` connections. To be called before there are any threads."""
    connections.close_all()
    shared = connections.settings[DEFAULT_DB_ALIAS]
    shared["CONN_MAX_AGE"] = 0  # Django insists: the pool decides how long they live
    shared["OPTIONS"] = shared["OPTIONS"] | {
        "pool": {"min_size": 0, "max_size": most, "timeout": WAIT_FOR, "reconnect_timeout": CONNECT_ANEW_FOR}
    }


def hand_back() -> None:
    """Let others have this thread's connection until its next statement.

    Call it before a wait that is not for Postgres. Nothing happens inside a transaction, or where nobody shares.
    """
    if _pool_of(connection) and not connection.in_atomic_block:
        connection.close()


def keep_own() -> None:
    """Give this thread, for good, a connection that is not shared: it must not stand in line behind the others."""
    if _pool_of(connection):
        own = connection.copy()
        del own.settings_dict["OPTIONS"]["pool"]
        connections[DEFAULT_DB_ALIAS] = own


def _pool_of(one: Any) -> Any:
    return one.settings_dict["OPTIONS"].get("pool")
