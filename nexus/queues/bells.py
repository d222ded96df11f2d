"""Doorbells in Redis itself: how many a queue can still use, and putting there those that stand alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from .breaker import Breaker
from .catalog import NAMES
from .leaving import leave
from .wire import doorbell

log = logging.getLogger("nexus.queues")
_breaker = Breaker(tries=2, quiet_for=1.0)
REMEMBERED_FOR = 0.05
"""Seconds for which empty lists count as empty: who rings in a row asks once. A full list is asked each time."""


class _Lists:
    """The lists as this process last saw them, with the bells that it has put there since."""

    def __init__(self) -> None:
        self.lengths: dict[str, int] = {}
        self.seen_at = 0.0

    def are_nearly_empty(self, most: int) -> bool:
        """Were they so a moment ago? What others put there meanwhile is not counted: they keep to `most` too."""
        is_fresh = time.monotonic() - self.seen_at < REMEMBERED_FOR
        return is_fresh and all(length * 2 < most for length in self.lengths.values())


_lists = _Lists()


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """One client per process, bounded in time."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3, retry=None)


def ring(links: Iterable[Mapping[str, Any]], *, looks: bool) -> None:
    """Put a doorbell for each link of a canvas `{task, queue, id}` on its queue, in one round trip.

    `looks`: a dispatcher rings, and looks often for a moment. Raises what redis-py does when the broker does not
    answer: then some may lie there.
    """
    at = time.time() if looks else 0.0
    try:
        with client().pipeline(transaction=False) as told:
            for link in links:
                told.execute_command(*command(link, at=at))  # type: ignore[no-untyped-call]
                _lists.lengths[str(link["queue"])] = _lists.lengths.get(str(link["queue"]), 0) + 1
            told.execute()
    except redis.RedisError:
        leave(client())
        raise


def command(link: Mapping[str, Any], *, at: float) -> tuple[str, str, str]:
    """What puts a doorbell for a link of a canvas on its queue; `at` is when a dispatcher rings, which then looks."""
    return "LPUSH", _list(str(link["queue"])), doorbell(link, at=at)


def room(most: int) -> Mapping[str, int] | None:
    """Queue -> how many doorbells may be added until `most` lie there; None when the broker does not answer.

    Doorbells are interchangeable and a worker goes on by itself while its queue holds anything, so more of them
    than there are free hands only fill the broker. A list that lies untouched means that no hand is free.
    """
    if _breaker.is_open:
        return None
    if not _lists.are_nearly_empty(most):
        if (lengths := _asked()) is None:
            return None
        _lists.lengths, _lists.seen_at = lengths, time.monotonic()
    return {name: most - length for name, length in _lists.lengths.items() if length < most}


def _asked() -> dict[str, int] | None:
    names = sorted(NAMES)
    try:
        with client().pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(_list(name))
            lengths = asked.execute()
    except redis.RedisError as error:
        _breaker.failed()
        log.warning("broker away: %s", type(error).__name__)
        return None
    _breaker.worked()
    return dict(zip(names, lengths, strict=True))


def _list(queue: str) -> str:
    return f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}{queue}"
