"""One request on its way to its answer: what came in, what is scripted, and the ways to answer it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from apps.sandbox import malformed
from apps.sandbox.http import Headers, Request
from apps.sandbox.journal import Entry
from apps.sandbox.memory import Memory
from apps.sandbox.outlet import Outlet
from apps.sandbox.problem import Problem
from apps.sandbox.script import Script

JSON = "application/json"
PING_MS = 20.0
STREAM = "text/event-stream; charset=utf-8"


class Wire(Protocol):
    """A provider's way of speaking."""

    name: str
    ping: bytes
    """What is sent in a stream to say that it goes on."""

    def body(self, request: Request) -> object:
        """What the request asks for, read as far as it can be read."""

    def headers(self, *, response_id: str, content_type: str, used: int, model: str | None) -> Headers:
        """The headers of every reply: who answered, and what is left of the rate limits."""

    def error_body(self, problem: Problem, *, response_id: str) -> dict[str, Any]:
        """The body of a refusal."""

    def error_event(self, problem: Problem, *, response_id: str, path: str) -> bytes:
        """The event that ends a stream which fails in the middle."""

    async def answer(self, exchange: Exchange) -> None:
        """Answer the request, or raise Problem."""


@dataclass(kw_only=True, slots=True)
class Exchange:
    """One request, its script and its way back."""

    request: Request
    body: object
    script: Script
    entry: Entry
    outlet: Outlet
    wire: Wire
    chunk_ms: float
    memory: Memory

    async def say(self, payload: Mapping[str, Any], *, used: int = 0) -> None:
        """Answer with JSON, in one piece."""
        data = json.dumps(payload, ensure_ascii=False).encode()
        await self.send(self.script.status or 200, malformed.whole(data, self.script), used=used)

    async def send(self, status: int, data: bytes, *, content_type: str = JSON, used: int = 0) -> None:
        """Answer with these bytes."""
        self.entry.status = status
        await self.outlet.whole(status, self._headers(content_type, used), data)

    async def redirect(self, status: int) -> None:
        """Send the client elsewhere: where the script says, or to the same place once more."""
        self.entry.status = status
        elsewhere = [] if "location" in self.script.headers else [("location", self.request.path)]
        await self.outlet.whole(status, [*self._headers(JSON, 0), *elsewhere], b"")

    async def refuse(self, problem: Problem) -> None:
        """Answer with an error of the provider's shape."""
        payload = self.wire.error_body(problem, response_id=self.response_id)
        await self.send(problem.status, json.dumps(payload, ensure_ascii=False).encode())

    async def stream(self, events: list[bytes], *, used: int = 0) -> None:
        """Answer with server-sent events, at the scripted pace."""
        if self.script.malformed == "pings_only":
            await self._ping(events[0], used)
            return
        events = malformed.events(events, self.script)
        self.entry.status = 200
        await self.outlet.head(200, [*self._headers(STREAM, used), ("cache-control", "no-cache")])
        pause = self.chunk_ms if self.script.chunk_ms is None else self.script.chunk_ms
        # Events go out in pairs: nobody sees the difference, and it halves the wake-ups. Where the script
        # counts events, each goes alone; where there is no pause, they all go at once.
        together = 1 if self.script.breaking_point is not None else 2 if pause else len(events)
        parts = [b"".join(events[start : start + together]) for start in range(0, len(events), together)]
        if (size := self.script.split_bytes) is not None:
            data = b"".join(parts)
            parts = [data[start : start + size] for start in range(0, len(data), size)]
        for number, part in enumerate(parts):
            if number and pause:
                await asyncio.sleep(pause / 1000)
            await self.outlet.event(part)
        await self.outlet.end()

    def streams(self, body: Mapping[str, Any]) -> bool:
        """Whether the answer is streamed: as asked, unless a script has it otherwise."""
        return bool(body.get("stream")) if self.script.as_stream is None else self.script.as_stream

    async def _ping(self, first: bytes, used: int) -> None:
        """Begin, and then say nothing but that one is still there."""
        self.entry.status = 200
        await self.outlet.head(200, self._headers(STREAM, used))
        await self.outlet.event(first)
        pause = max(self.chunk_ms, PING_MS)
        for _ in range(round(self.script.stall_ms / pause)):
            await self.outlet.event(self.wire.ping)
            await asyncio.sleep(pause / 1000)
        self.outlet.drop()

    @property
    def response_id(self) -> str:
        """The id of this reply, for its header."""
        assert self.entry.response_id is not None
        return self.entry.response_id

    def _headers(self, content_type: str, used: int) -> Headers:
        found = self.wire.headers(
            response_id=self.response_id, content_type=content_type, used=used, model=self.entry.model
        )
        mine = {name.lower(): str(value) for name, value in self.script.headers.items()}
        if self.script.retry_after is not None:
            mine["retry-after"] = str(self.script.retry_after)
        if "no_limits" in self.script.oddities:
            found = [pair for pair in found if "ratelimit" not in pair[0]]
        return [*(pair for pair in found if pair[0] not in mine), *mine.items()]
