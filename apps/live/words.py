"""The words of one task while a model writes them: in order, without a gap, from the beginning whenever one comes.

Words come by hints, and may be lost on the way; who comes in the middle has missed some. Each says where it stands and
which execution says it, so a gap is noticed. Runs that keep their words are asked for what is missing.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from nexus import engine

from .lines import Line, of_hint

log = logging.getLogger("nexus.live")
ASK_EVERY = 1.0
"""Seconds between two questions for what is missing: words that were lost for good are asked for in vain."""


@dataclass(frozen=True)
class Piece:
    """Words to tell."""

    words: str
    anew: bool = False
    """They replace all that was told: another worker began from the beginning."""


class Written:
    """How much of a text is known. Pure."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.text = ""
        self._by = 0

    def add(self, line: Line) -> Piece | None:
        """Take some words: what of them is new; None where nothing is. Gap where words before them are missing."""
        if line.by < self._by:
            return None  # a worker that was overtaken, and does not know it yet
        if line.by > self._by:
            return self._begin(line)
        known = len(self.text) - line.at
        if known < 0:
            raise Gap
        fresh = line.words[known:]
        self.text += fresh
        return Piece(fresh) if fresh else None

    def _begin(self, line: Line) -> Piece:
        if line.at > 0:
            raise Gap
        piece = Piece(line.words, anew=bool(self.text))
        self._by, self.text = line.by, line.words
        return piece


class Gap(Exception):
    """Words were missed."""


class Reader:
    """Reads along with a run that has one task that writes."""

    def __init__(self, run_id: int) -> None:
        """Nothing was read before."""
        self._run_id = run_id
        self._written = Written()
        self._asked_at = 0.0

    @property
    def text(self) -> str:
        """All that was told."""
        return self._written.text

    async def hear(self, line: Line) -> list[Piece]:
        """What is new with these words, and with those that were missed before them."""
        try:
            piece = self._written.add(line)
        except Gap:
            if time.monotonic() - self._asked_at < ASK_EVERY:
                return []
            return await self.catch_up()
        return [] if piece is None else [piece]

    async def catch_up(self) -> list[Piece]:
        """What was written so far and not told yet, as far as it was kept."""
        self._asked_at = time.monotonic()
        found = []
        for line in await _kept(self._run_id):
            try:
                found.append(self._written.add(line))
            except Gap:
                continue
        return [piece for piece in found if piece is not None]


async def _kept(run_id: int) -> list[Line]:
    """The words of a run's newest execution that are kept; none when Redis is away."""
    try:
        async with Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        ) as client:
            found = await client.lrange(engine.said_key(run_id), 0, -1)
    except (RedisError, OSError) as error:
        log.info("words of run %d not read again: %s", run_id, type(error).__name__)
        return []
    lines = [of_hint(json.loads(one)) for one in found]
    newest = max((line.by for line in lines), default=0)
    return [line for line in lines if line.by == newest]
