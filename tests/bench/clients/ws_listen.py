"""Listens on many WebSockets to one order and counts what it is told.

python ws_listen.py HOST PORT PATH CLIENTS KIND < the API key

It says {"ready": true} when all listen. Then each line on stdin is a number of frames that all together shall
receive; the answer is when the first and the last of them came, and how long each that says when it was sent took.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import sys
import time

import uvloop

PONG = 0x8A
WITHIN = 90.0


class Listener(asyncio.Protocol):
    """One socket. Frames are counted, not kept; those of a slow feed are read."""

    def __init__(self, handshake: bytes, counter: Counter) -> None:
        """Not connected yet."""
        self._handshake, self._counter = handshake, counter
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport
        transport.write(self._handshake)  # type: ignore[attr-defined]

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody closes but us."""
        self._counter.lost(error)

    def data_received(self, data: bytes) -> None:
        """Take whole frames."""
        self._counter.came = time.monotonic()  # before anything is read: our own reading is not the feed's time
        self._buffer = self._buffer + data if self._buffer else data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._counter.lost(RuntimeError(head[:200].decode("latin-1")))
                return
            self._is_open, self._buffer = True, rest
            self._counter.opened()
        self._take()

    def _take(self) -> None:
        buffer, at, texts, size = self._buffer, 0, 0, len(self._buffer)
        while size - at >= 2:
            first, length, begin = buffer[at], buffer[at + 1], at + 2
            if length == 126:
                length, begin = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, begin = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if begin + length > size:
                break
            if first == 0x81:
                texts += 1
                if self._counter.reads:
                    self._counter.read(buffer[begin : begin + length])
            elif first == 0x89:
                mask = bytes([PONG, 0x80 | length]) + b"\0\0\0\0"
                self._transport.write(mask + buffer[begin : begin + length])  # type: ignore[attr-defined]
            elif first == 0x88:
                self._counter.lost(RuntimeError(f"closed: {buffer[begin : begin + length]!r}"))
            at = begin + length
        self._buffer = buffer[at:]
        if texts:
            self._counter.add(texts)


class Counter:
    """What all sockets were told together."""

    def __init__(self, clients: int, *, reads: bool) -> None:
        """Nothing yet."""
        self.reads = reads
        self._waiting = clients
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._error: Exception | None = None
        self.frames, self.expected = 0, 0
        self.first = self.last = self.came = 0.0
        self._heard: list[tuple[float, bytes]] = []

    def opened(self) -> None:
        """A socket listens."""
        self._waiting -= 1
        if not self._waiting:
            self.ready.set_result(None)

    def lost(self, error: Exception | None) -> None:
        """A socket is gone: there is nothing to measure any more."""
        for future in (self.ready, self.told):
            if not future.done():
                future.set_exception(error or ConnectionError("a socket was closed"))

    def expect(self, frames: int) -> None:
        """Begin to count."""
        self.frames, self.expected, self.first, self._heard = 0, frames, 0.0, []
        self.told = asyncio.get_running_loop().create_future()

    def add(self, frames: int) -> None:
        """So many came."""
        self.last = self.came
        self.first = self.first or self.last
        self.frames += frames
        if self.frames >= self.expected and self.expected and not self.told.done():
            self.told.set_result(None)

    def read(self, payload: bytes) -> None:
        """Keep it, and when it came: parsing it now would hold up the sockets after this one."""
        self._heard.append((self.came, payload))

    def latencies(self) -> list[float]:
        """How many milliseconds each took whose event says when it was sent; the shortest first."""
        told = [
            (came, json.loads(payload).get("event", {}).get("data", {}).get("sent")) for came, payload in self._heard
        ]
        return sorted(1000 * (came - sent) for came, sent in told if sent)


async def main(host: str, port: int, path: str, *, clients: int, kind: str, key: str) -> None:
    """Listen."""
    counter, loop = Counter(clients, reads=kind == "latency"), asyncio.get_running_loop()
    for _ in range(clients):
        nonce = base64.b64encode(os.urandom(16)).decode()
        handshake = (
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {key}\r\n\r\n"
        ).encode()
        await loop.create_connection(lambda shake=handshake: Listener(shake, counter), host, port)  # type: ignore[misc]
    await asyncio.wait_for(counter.ready, WITHIN)
    say({"ready": True})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        counter.expect(int(line))
        say({"counting": True})
        with contextlib.suppress(TimeoutError):  # a slow feed has a figure too: what came is told
            await asyncio.wait_for(counter.told, WITHIN)
        ordered = counter.latencies() or [0.0]
        say({
            "frames": counter.frames, "expected": counter.expected, "first": counter.first, "last": counter.last,
            "p50_ms": ordered[len(ordered) // 2], "p99_ms": ordered[int(len(ordered) * 0.99)],
        })  # fmt: skip


def say(answer: dict[str, object]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    secret = sys.stdin.readline().strip()
    uvloop.run(  # the loop that costs the client least: what is measured is the server
        main(sys.argv[1], int(sys.argv[2]), sys.argv[3], clients=int(sys.argv[4]), kind=sys.argv[5], key=secret)
    )
