"""Redis says that something happened to some order: look now, and not in two seconds. Lost safely."""

from __future__ import annotations

import json
import threading

import redis
from django.conf import settings

from nexus import engine

LOOKS_EVERY = 2.0


def heed(news: threading.Event, stopping: threading.Event) -> None:
    """Set `news` for every event of any run, until told to stop; in silence while Redis is away."""
    while not stopping.is_set():
        try:
            _listen(news, stopping)
        except (redis.RedisError, OSError):
            stopping.wait(LOOKS_EVERY)


def _listen(news: threading.Event, stopping: threading.Event) -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=LOOKS_EVERY + 1, socket_connect_timeout=1) as client:
        heard = client.pubsub(ignore_subscribe_messages=True)
        with heard:
            heard.subscribe(engine.HINT)
            while not stopping.is_set():
                message = heard.get_message(timeout=LOOKS_EVERY)
                if message is not None and "seq" in json.loads(message["data"]):
                    news.set()
