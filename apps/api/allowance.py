"""What each API key may still ask, counted in Redis for all web processes together. Lost safely: a lost bucket is full.

A process takes a hundredth of the limit at a time and spends it by itself within a second, so most requests ask
nobody. It never spends what it has not taken, so the limit is not overrun however many ask at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import redis.asyncio
from redis.exceptions import RedisError

log = logging.getLogger("nexus.api")
WRITTEN = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})")
ANSWER_FOR = 0.25
"""Seconds that Redis may take: without it requests go on, uncounted."""
QUIET_FOR = 2.0
SPENT_WITHIN = 1.0
"""Seconds that a process keeps what it has taken."""
MOST_KEPT = 10_000
SPEND = (Path(__file__).parent / "lua" / "spend.lua").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Policy:
    """So many requests, filled up again in so many seconds."""

    requests: int
    seconds: int

    @classmethod
    def of(cls, written: str) -> Policy | None:
        """Read `1200/60`; None for nothing, which is no limit. Raise ValueError."""
        if not written:
            return None
        found = WRITTEN.fullmatch(written)
        if found is None:
            raise ValueError(f"NEXUS_RATE_LIMIT={written!r}: it is written as 1200/60, requests per seconds")
        return cls(int(found[1]), int(found[2]))

    @property
    def at_once(self) -> int:
        """How many a process takes at a time."""
        return max(1, self.requests // 100)


@dataclass(frozen=True)
class Verdict:
    """May the request be answered, and how does its key stand?"""

    allowed: bool
    left: int
    wait: int = 0
    """Seconds, of a request that may not."""
    counted: bool = True
    """False where Redis did not answer."""


@dataclass
class _Taken:
    requests: int
    left: int
    until: float


class Allowance:
    """Asks Redis on behalf of one process."""

    def __init__(self, policy: Policy, *, url: str) -> None:
        """Nothing is taken yet."""
        self.policy = policy
        self._url = url
        self._taken: dict[str, _Taken] = {}
        self._quiet_until = 0.0
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._scripts: WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = WeakKeyDictionary()

    async def spend(self, name: str) -> Verdict:
        """One request of the key whose bucket has this name."""
        verdict = self._kept(name)
        if verdict is not None:
            return verdict
        # One at a time asks for a key; those who come meanwhile wait, and may find enough for themselves.
        asking = self._asking.get(name) or self._asking.setdefault(name, asyncio.Lock())
        async with asking:
            return self._kept(name) or await self._ask(name)

    async def close(self) -> None:
        """Let go of this loop's connections."""
        script = self._scripts.pop(asyncio.get_running_loop(), None)
        if script is not None:
            await script.registered_client.aclose()

    def _kept(self, name: str) -> Verdict | None:
        """What can be said without asking anybody."""
        kept = self._taken.get(name)
        if kept is not None and kept.requests > 0 and kept.until > time.monotonic():
            kept.requests -= 1
            return Verdict(allowed=True, left=kept.left + kept.requests)
        if time.monotonic() < self._quiet_until:
            return Verdict(allowed=True, left=0, counted=False)
        return None

    async def _ask(self, name: str) -> Verdict:
        policy = self.policy
        try:
            taken, left, ms = await self._script()(
                keys=[f"nx:rate:{name}"], args=[policy.requests, policy.seconds * 1000, policy.at_once]
            )
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + QUIET_FOR
            with contextlib.suppress(RedisError, OSError):  # after a failover it leads to who only reads
                await self._script().registered_client.connection_pool.disconnect(inuse_connections=False)
            log.warning("requests are not counted: %s", type(error).__name__)
            return Verdict(allowed=True, left=0, counted=False)
        if not taken:
            return Verdict(allowed=False, left=0, wait=max(1, math.ceil(ms / 1000)))
        if len(self._taken) >= MOST_KEPT:
            self._taken.clear()
        self._taken[name] = _Taken(taken - 1, left, time.monotonic() + SPENT_WITHIN)
        return Verdict(allowed=True, left=left + taken - 1)

    def _script(self) -> Any:
        """The script on this loop's connections."""
        loop = asyncio.get_running_loop()
        if loop not in self._scripts:
            client = redis.asyncio.Redis.from_url(
                self._url, socket_timeout=ANSWER_FOR, socket_connect_timeout=ANSWER_FOR, retry=None,
                health_check_interval=0,
            )  # fmt: skip
            self._scripts[loop] = client.register_script(SPEND)
        return self._scripts[loop]
