"""To the broker: bounded in time, with a breaker, and never raising."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from nexus.canvas.lay import lay
from nexus.canvas.models import Canvas
from nexus.queues.catalog import DEAD

log = logging.getLogger("nexus.dispatch")
TRIES = 3
QUIET_FOR = 1.0
_failures = 0
_quiet_until = 0.0


def publish(canvases: Sequence[Canvas]) -> bool:
    """Send every canvas, or say that the broker is away. Sent twice is fine; half sent is rung again."""
    global _failures, _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        with current_app.producer_pool.acquire(block=True, timeout=5) as producer:
            for canvas in canvases:
                lay(canvas).apply_async(producer=producer)
    except (OperationalError, RedisError, OSError, TimeoutError) as error:
        _failures += 1
        if _failures >= TRIES:
            _quiet_until = time.monotonic() + QUIET_FOR
        log.warning("broker away (%s in a row): %s", _failures, error)
        return False
    _failures = 0
    return True


def publish_dead(letter: dict[str, object]) -> bool:
    """Put a dead letter on `nexus.dead`, for people's tools."""
    try:
        with current_app.producer_pool.acquire(block=True, timeout=5) as producer:
            producer.publish(letter, routing_key=DEAD, exchange="", serializer="json", retry=False)
    except (OperationalError, RedisError, OSError, TimeoutError) as error:
        log.warning("dead letter not published: %s", error)
        return False
    return True
