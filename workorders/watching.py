"""Events as they come, for programs: read from the table, woken by hints."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings

from nexus import engine

from .models import WorkOrder
from .states import FINAL, OrderState

LOOKS_EVERY = 2.0
"""Seconds between two looks at the table where no hint comes: a hint may be lost, or Redis away."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to an order: docs/reference/events.md."""

    seq: int
    kind: str
    task: str | None
    data: dict[str, Any]
    at: datetime


def events(run_id: int, *, after: int, within: float | None) -> Iterator[Event]:
    """Every event after that number, up to the run's last. Raise TimeoutError."""
    until = None if within is None else time.monotonic() + within
    with _hints(run_id) as hints:
        while True:
            for row in engine.events.of(run_id).after(after):
                after = row.seq
                yield Event(
                    seq=row.seq,
                    kind=row.kind,
                    task=None if row.task is None else row.task.key,
                    data=row.data,
                    at=row.at,
                )
                if row.kind in engine.FINAL:
                    return
            _wait(hints, until)


def until_it_rests(order: WorkOrder, *, within: float | None) -> None:
    """Return when the order has ended, or is blocked. Raise TimeoutError."""
    until = None if within is None else time.monotonic() + within
    with _hints(order.run_id) as hints:
        while True:
            found: Any = WorkOrder.objects.with_status().get(pk=order.pk)
            if found.status in FINAL or found.status == OrderState.BLOCKED:
                return
            _wait(hints, until)


def _wait(hints: Hints, until: float | None) -> None:
    left = LOOKS_EVERY if until is None else min(LOOKS_EVERY, until - time.monotonic())
    if left <= 0:
        raise TimeoutError("The order has not come to rest in time")
    engine.hand_back()  # whoever waits needs no connection to Postgres
    hints.wait(left)


class Hints:
    """What Redis says of one run."""

    def __init__(self, run_id: int) -> None:
        """Subscribe: what is said from now on is heard."""
        self._run_id = run_id
        self._client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=LOOKS_EVERY + 1, socket_connect_timeout=1
        )
        self._heard: Any = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._try(lambda: self._heard.subscribe(engine.HINT))

    def wait(self, most: float) -> None:
        """Return when there is something new, or after `most` seconds."""
        until = time.monotonic() + most
        while (left := until - time.monotonic()) > 0:
            message = self._try(lambda left=left: self._heard.get_message(timeout=left))
            if message is False:
                threading.Event().wait(left)  # Redis is away: there is no fact to wait for but its return
            elif message is not None and _is_of(message, self._run_id):
                return

    def close(self) -> None:
        """Hear no more."""
        self._heard.close()
        self._client.close()

    def _try(self, act: Any) -> Any:
        try:
            return act()
        except (redis.RedisError, OSError):
            return False


@contextmanager
def _hints(run_id: int) -> Iterator[Hints]:
    hints = Hints(run_id)
    try:
        yield hints
    finally:
        hints.close()


def _is_of(message: dict[str, Any], run_id: int) -> bool:
    said = json.loads(message["data"])
    return said.get("run") == run_id and "seq" in said
