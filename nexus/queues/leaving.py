"""After a failover the old master answers on, but only reads: who keeps its connections never comes to the new one."""

from __future__ import annotations

import contextlib

import redis


def leave(client: redis.Redis) -> None:
    """Let go of the connections that nobody uses just now; the next command connects anew, to who is master then."""
    with contextlib.suppress(redis.RedisError, OSError):
        client.connection_pool.disconnect(inuse_connections=False)
