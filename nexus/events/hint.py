"""Hints to whoever listens: "run X is at seq N", and the words a model is writing. Lost safely."""

from __future__ import annotations

import json
import logging
from functools import lru_cache

import redis
from django.conf import settings
from django.db import transaction

from nexus.queues.breaker import Breaker
from nexus.queues.keys import HINT

log = logging.getLogger("nexus.events")
_breaker = Breaker(tries=1, quiet_for=2.0)


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    """One client per process, with short waits: a hint is not worth a worker's time."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, health_check_interval=0
    )


def publish(message: dict[str, object]) -> None:
    """Publish now; a Redis that does not answer is left alone for two seconds."""
    if _breaker.is_open:
        return
    try:
        _client().publish(HINT, json.dumps(message))
    except redis.RedisError as error:
        _breaker.failed()
        log.info("hint not sent: %s", type(error).__name__)


def hint_on_commit(run_id: int, seq: int) -> None:
    """After the caller's transaction commits, say that `run_id` has events up to `seq`."""
    transaction.on_commit(lambda: publish({"run": run_id, "seq": seq}), robust=True)
