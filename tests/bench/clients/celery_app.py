"""Bare Celery: an order is a canvas, a chain with a chord in it. No database."""

from __future__ import annotations

import os

import redis
from celery import Celery, chain, chord

DONE = "bench:done"
app = Celery("bare", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
app.conf.task_ignore_result = True
"""Only a chord's header needs results: everything else is spared the round trip."""
app.conf.worker_prefetch_multiplier = int(os.environ.get("PREFETCH", "4"))
client = redis.Redis.from_url(os.environ["REDIS_URL"])


@app.task
def noop() -> None:
    """Plan and join."""


@app.task(ignore_result=False)
def part() -> None:
    """One of three in parallel."""


@app.task
def notify(number: int) -> None:
    """Say that an order is done: one push in place of a result and its announcement."""
    client.lpush(DONE, number)


def order(number: int) -> chain:
    """Plan, three in parallel, join, notify."""
    return chain(noop.si(), chord([part.si() for _ in range(3)], noop.si()), notify.si(number))
