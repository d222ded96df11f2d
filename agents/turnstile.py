"""Where slots are counted: in Redis for all workers, in this process while Redis is away."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import redis
from django.conf import settings

from agents.providers.transport import PerProcess
from agents.rations import Rations
from nexus import engine

log = logging.getLogger(__name__)

Verdict = Literal["worked", "failed", "neither"]
FAILURES = 5
"""In a row, before a model is left alone."""
LONGEST_REST = 60.0
"""Seconds: a provider that is back is noticed within a minute."""
ANSWER_FOR = 0.5
"""Seconds that Redis may take: without it a request only counts for its own process."""
QUIET_FOR = 2.0
"""Seconds that a Redis which did not answer is left alone."""
LUA = Path(__file__).parent / "lua"

_per_process = PerProcess()


@dataclass(frozen=True, kw_only=True)
class Place:
    """One model at one address: what limits and failures are counted for."""

    address: str
    model: str

    @property
    def keys(self) -> list[str]:
        """Its keys in Redis; one hash slot, should there be a cluster."""
        name = hashlib.sha256(f"{self.address} {self.model}".encode()).hexdigest()[:24]
        return [f"nx:model:{{{name}}}:{what}" for what in ("slots", "minute", "breaker")]


class _Counter:
    """This process's way to Redis, and what it counts by itself."""

    def __init__(self) -> None:
        self._quiet_until = 0.0
        self.rations = Rations(failures=FAILURES, longest_rest=LONGEST_REST)
        self._lock = threading.Lock()
        self._scripts: dict[str, Any] = {}

    def ask(self, name: str, place: Place, *given: object) -> Any:
        """Run a script; None where Redis does not answer."""
        if time.monotonic() < self._quiet_until:
            return None
        try:
            return self._script(name)(keys=place.keys, args=list(given))
        except (redis.RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + QUIET_FOR
            engine.leave_redis(self._script(name).registered_client)
            log.warning("slots are counted by this process alone: %s", type(error).__name__)
            return None

    def _script(self, name: str) -> Any:
        with self._lock:
            if not self._scripts:
                client = redis.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=ANSWER_FOR, socket_connect_timeout=ANSWER_FOR, retry=None,
                    health_check_interval=0, decode_responses=True,
                )  # fmt: skip
                self._scripts = {one: client.register_script(_source(one)) for one in ("take", "give")}
            return self._scripts[name]


def take(
    place: Place, request_id: UUID, *, lease: float, tokens: int, concurrent: int, requests: int, per_minute: int
) -> tuple[str, float]:
    """Take a slot: `("ok", 0)`, or why there is none and for how many seconds."""
    counter = _counter()
    answered = counter.ask("take", place, str(request_id), int(lease * 1000), concurrent, requests, per_minute, tokens)
    if answered is None:
        return counter.rations.take(
            place, request_id, now=time.monotonic(), lease=lease, tokens=tokens,
            concurrent=concurrent, requests=requests, per_minute=per_minute,
        )  # fmt: skip
    return str(answered[0]), int(answered[1]) / 1000


def give(place: Place, request_id: UUID, verdict: Verdict, *, rest: float = 0.0) -> None:
    """Give it back. Where it was taken does not matter: a slot that is not there is not missed."""
    counter = _counter()
    counter.rations.give(place, request_id, verdict, now=time.monotonic(), rest=rest)
    counter.ask("give", place, str(request_id), verdict, FAILURES, int(rest * 1000), int(LONGEST_REST * 1000))


def _counter() -> _Counter:
    return _per_process.get((settings.REDIS_URL,), _Counter)


@cache
def _source(name: str) -> str:
    return (LUA / f"{name}.lua").read_text()
