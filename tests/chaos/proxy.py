"""A TCP proxy between the processes and a server: it passes, refuses, goes silent, delays, cuts, drops an answer.

pass        every byte, at once
refuse      nobody listens any more
blackhole   nothing gets through and nobody is told; what was sent arrives when the hole closes, as TCP would do it
half_open   the links that are open now stay silent for ever, and nobody is told; new ones work
cut         every link is reset
late        every piece takes its time, and some take much longer, as a lost packet does
hold        the next piece that has some words in it reaches the server; its answer, and all that follows, is held
switch      new links lead to another server
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

RETRANSMITTED_AFTER = 0.3
"""Seconds that a lost packet costs at least on a quick line."""


@dataclass(eq=False, kw_only=True)
class _Link:
    """One client's connection and ours to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    mute: bool = False
    """Nothing of it ever gets through again."""
    held: bool = False
    """What the server answers does not get through."""


@dataclass(kw_only=True)
class _Hold:
    words: tuple[bytes, ...]
    caught: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """One proxy before one server. It runs in a thread of its own; its methods may be called from any."""

    def __init__(self, url: str, *, dice: random.Random) -> None:
        """Stand before the server of `url`; nothing runs yet."""
        self._before = url
        self._target = _address(url)
        self._dice = dice
        self._mode: Literal["pass", "refuse", "blackhole"] = "pass"
        self._late: tuple[float, float, float] | None = None
        self._hold: _Hold | None = None
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._moved = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self.port = 0
        self.taken = 0
        """Connections that clients have opened."""

    def __enter__(self) -> Proxy:
        """Listen."""
        self._thread.start()
        self._asked(self._listen)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        """Cut what is left and stop."""
        self.cut()
        self._asked(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """The server's address, by way of this proxy."""
        host, port = _address(self._before)
        return self._before.replace(f"{host}:{port}", f"127.0.0.1:{self.port}")

    # --- What it does to the traffic

    def passing(self) -> None:
        """Let everything through, what was held or stuck in a blackhole first."""
        if self._mode == "refuse":
            self._asked(self._listen)
        for link in list(self._links):
            link.held = False
        self._set(mode="pass", late=None)

    def refuse(self) -> None:
        """Listen no more, and cut what is open."""
        self._set(mode="refuse", late=None)
        self._asked(self._deafen)

    def blackhole(self) -> None:
        """Let nothing through, and tell nobody."""
        self._set(mode="blackhole", late=None)

    def half_open(self) -> int:
        """Silence the links that are open now, for ever; return how many."""
        links = list(self._links)
        for link in links:
            link.mute = True
        return len(links)

    def late(self, *, by: float, give_or_take: float, lost: float) -> None:
        """Let every piece take `by` seconds, more or less; the part `lost` of them takes a retransmission more."""
        self._set(mode="pass", late=(by, give_or_take, lost))

    def hold(self, *words: bytes) -> threading.Event:
        """Let the next piece with one of `words` through, and no answer to it; the event says when it has passed."""
        self._hold = _Hold(words=words)
        return self._hold.caught

    def cut(self) -> None:
        """Reset every link."""
        self._asked(self._cut)

    def switch(self, url: str) -> None:
        """Lead new links to another server."""
        self._target = _address(url)

    # --- How

    def _asked(self, make: Callable[[], Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(make(), self._loop).result(20)

    def _set(self, *, mode: Literal["pass", "refuse", "blackhole"], late: tuple[float, float, float] | None) -> None:
        self._mode, self._late = mode, late
        self._wake()

    def _wake(self) -> None:
        def wake() -> None:
            self._moved.set()
            self._moved = asyncio.Event()

        self._loop.call_soon_threadsafe(wake)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _deafen(self) -> None:
        self._server.close()
        await self._cut()

    async def _cut(self) -> None:
        for link in list(self._links):
            for end in (link.client, link.server):
                if end is not None:
                    _reset(end)

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        await asyncio.sleep(0.01)  # transports close in a callback of their own

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        link = _Link(client=writer)
        self._links.add(link)
        try:
            answers, link.server = await asyncio.open_connection(*self._target)
            await asyncio.gather(
                self._pump(link, reader, link.server, outward=True), self._pump(link, answers, writer, outward=False)
            )
        except (OSError, asyncio.CancelledError):
            pass  # the server is not there, one end was reset, or it is all over: the ends learn it below
        finally:
            self._links.discard(link)
            for end in (writer, link.server):
                if end is not None:
                    end.close()

    async def _pump(
        self, link: _Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, outward: bool
    ) -> None:
        """Carry one direction. Reading goes on while pieces are late, so that a slow line is slow and not narrow."""
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1000)
        carrier = asyncio.create_task(self._carry(link, line, sink, outward=outward))
        due = 0.0
        while not carrier.done():
            try:
                piece = await source.read(65536)
            except OSError:
                piece = b""
            # One after the other, as TCP has it: a late piece holds up those behind it.
            due = max(due, self._loop.time() + self._delay())
            await line.put((due, piece))
            if not piece:
                break
        await carrier

    async def _carry(
        self, link: _Link, line: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, *, outward: bool
    ) -> None:
        while True:
            due, piece = await line.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            if outward and self._hold and any(words in piece for words in self._hold.words):
                link.held, hold, self._hold = True, self._hold, None
                hold.caught.set()
            while self._mode == "blackhole" or link.mute or (link.held and not outward):
                await self._moved.wait()
            try:
                if not piece:
                    sink.close()
                    return
                sink.write(piece)
                await sink.drain()
            except OSError:
                return

    def _delay(self) -> float:
        if self._late is None:
            return 0.0
        by, give_or_take, lost = self._late
        again = RETRANSMITTED_AFTER + by if self._dice.random() < lost else 0.0
        return max(0.0, self._dice.uniform(by - give_or_take, by + give_or_take)) + again


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("//")[2].rpartition("@")[2].partition("/")[0].partition(":")
    return host, int(port)


def _reset(end: asyncio.StreamWriter) -> None:
    """Close it with a reset, not with a farewell."""
    sock = end.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):  # it may be closed already
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()
