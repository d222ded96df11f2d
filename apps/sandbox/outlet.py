"""One reply on its way out, with the scripted place where it breaks.

The answer is written as if all were well; the outlet counts bytes and events and, at the place the script
names, closes, resets, stalls, ends the body early or puts an error event in.
"""

from __future__ import annotations

import asyncio
import zlib

from apps.sandbox.http import Headers, Reply
from apps.sandbox.script import Script


class Broken(Exception):
    """The reply was broken on purpose; there is nothing left to send."""


class Outlet:
    """Sends a reply for a script. Raises Broken once the script has broken it."""

    def __init__(self, reply: Reply, script: Script, *, gzip: bool, last_words: bytes) -> None:
        self._reply = reply
        self._last_words = last_words
        self._script = script
        self._point = script.breaking_point
        self._bytes = 0
        self._events = 0
        self._squeeze = zlib.compressobj(wbits=31) if gzip else None

    @property
    def sent(self) -> int:
        """Bytes of body that have left."""
        return self._reply.sent

    async def before_headers(self) -> None:
        """Break here if the script says: not a byte is sent."""
        match self._script.before_headers:
            case "close":
                self._reply.drop()
            case "reset":
                self._reply.reset()
            case "stall":
                await self._stall()
            case None:
                return
        raise Broken

    async def whole(self, status: int, headers: Headers, body: bytes) -> None:
        """Send a reply of known length."""
        if self._squeeze is not None:
            body = self._squeeze.compress(body) + self._squeeze.flush()
            self._squeeze = None
            headers = [*headers, ("content-encoding", "gzip")]
        if self._point is None or self._point[1] != "bytes" or self._point[2] >= len(body):
            await self._reply.whole(status, headers, body)
            return
        how, _, at = self._point
        length = at if how == "end" else len(body)
        await self._reply.head(status, [*headers, ("content-length", str(length))])
        await self._reply.part(body[:at])
        await self._break()

    async def head(self, status: int, headers: Headers) -> None:
        """Begin a stream."""
        if self._squeeze is not None:
            headers = [*headers, ("content-encoding", "gzip")]
        await self._reply.head(status, headers)
        if self._reached():
            await self._break()

    async def event(self, data: bytes) -> None:
        """Send one event of a stream (or, where nothing breaks, several joined)."""
        room = self._room(len(data))
        await self._part(data[:room])
        self._bytes += room
        self._events += 1
        if self._reached():
            await self._break()

    def drop(self) -> None:
        """Close the connection; there is nothing left to send."""
        self._reply.drop()
        raise Broken

    async def end(self) -> None:
        """Close a stream properly."""
        if self._squeeze is not None:
            await self._reply.part(self._squeeze.flush())
        await self._reply.end()

    async def _part(self, data: bytes) -> None:
        if self._squeeze is not None:
            data = self._squeeze.compress(data) + self._squeeze.flush(zlib.Z_SYNC_FLUSH)
        await self._reply.part(data)

    def _room(self, wanted: int) -> int:
        if self._point is None or self._point[1] != "bytes":
            return wanted
        return max(0, min(wanted, self._point[2] - self._bytes))

    def _reached(self) -> bool:
        if self._point is None:
            return False
        _, unit, at = self._point
        return (self._bytes if unit == "bytes" else self._events) >= at

    async def _break(self) -> None:
        assert self._point is not None
        match self._point[0]:
            case "close":
                self._reply.drop()
            case "reset":
                self._reply.reset()
            case "stall":
                await self._stall()
            case "end":
                await self.end()
            case "error":
                await self._part(self._last_words)
                await self.end()
        raise Broken

    async def _stall(self) -> None:
        await asyncio.sleep(self._script.stall_ms / 1000)
        self._reply.drop()
