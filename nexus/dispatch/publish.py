"""To the broker: bounded in time, with a breaker, and never raising."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from nexus.canvas.lay import lay
from nexus.canvas.models import Canvas
from nexus.queues.bells import ring
from nexus.queues.breaker import Breaker
from nexus.queues.catalog import DEAD

log = logging.getLogger("nexus.dispatch")
_breaker = Breaker(tries=3, quiet_for=1.0)


def publish(canvases: Sequence[Canvas]) -> bool:
    """Send every canvas, or say that the broker is away. Sent twice is fine; half sent is rung again.

    Celery sends chains and chords. A doorbell alone needs none of what Celery can do, and most are.
    """
    if _breaker.is_open:
        return False
    try:
        if alone := [canvas.shape["rings"][0] for canvas in canvases if canvas.kind == "single"]:
            ring(alone, looks=True)
        if linked := [canvas for canvas in canvases if canvas.kind != "single"]:
            with current_app.producer_pool.acquire(block=True, timeout=5) as producer:
                for canvas in linked:
                    lay(canvas).apply_async(producer=producer)
    except (OperationalError, RedisError, OSError, TimeoutError) as error:
        _breaker.failed()
        log.warning("broker away (%s in a row): %s", _breaker.failures, error)
        return False
    _breaker.worked()
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
