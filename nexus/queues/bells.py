"""How many doorbells a queue can still use: those that nobody has taken are counted in Redis itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache

import redis
from django.conf import settings

from .breaker import Breaker
from .catalog import NAMES

log = logging.getLogger("nexus.queues")
_breaker = Breaker(tries=2, quiet_for=1.0)


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    """One client per process, bounded in time."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3, retry=None)


def room(most: int) -> Mapping[str, int] | None:
    """Queue -> how many doorbells may be added until `most` lie there; None when the broker does not answer.

    Doorbells are interchangeable and a worker goes on by itself while its queue holds anything, so more of them
    than there are free hands only fill the broker. A list that lies untouched means that no hand is free.
    """
    if _breaker.is_open:
        return None
    names = sorted(NAMES)
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    try:
        with _client().pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(f"{prefix}{name}")
            lengths = asked.execute()
    except redis.RedisError as error:
        _breaker.failed()
        log.warning("broker away: %s", type(error).__name__)
        return None
    _breaker.worked()
    return {name: most - length for name, length in zip(names, lengths, strict=True) if length < most}
