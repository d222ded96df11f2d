"""Loads an HTTP door over connections that stay open: as little work per request as Python can do.

python http_load.py HOST PORT CONNECTIONS SECONDS < the request's head and body, as JSON {"head", "body"}
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

WARM_FOR = 1.0


class Connection(asyncio.Protocol):
    """Sends the request again as soon as it was answered."""

    def __init__(self, request: bytes, load: Load) -> None:
        """Not connected yet."""
        self._request, self._load = request, load
        self._buffer = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Take what came; ask again when the answer is whole."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._buffer = b""
        if self._load.took(int(head[9:12]), time.perf_counter() - self._sent_at):
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Count what broke."""
        self._load.closed(error)


class Load:
    """What all connections saw."""

    def __init__(self, connections: int, seconds: float) -> None:
        """Begin to count after the warm-up."""
        self.began = time.perf_counter() + WARM_FOR
        self.until = self.began + seconds
        self.latencies: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._open = connections
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def took(self, status: int, seconds: float) -> bool:
        """Note an answer; True while there is time for another."""
        now = time.perf_counter()
        if self.began <= now <= self.until:
            self.latencies.append(seconds)
            self.statuses[str(status)] += 1
        return now < self.until

    def closed(self, error: Exception | None) -> None:
        """Note the end of a connection."""
        self._open -= 1
        if time.perf_counter() < self.until:
            self.statuses["broken"] += 1
        if self._open == 0 and not self.ended.done():
            self.ended.set_result(None)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"an answer without a length: {head[:200]!r}")


async def main(host: str, port: int, connections: int, seconds: float, request: bytes) -> dict[str, object]:
    """Load it; return what was seen."""
    load, loop = Load(connections, seconds), asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(request, load), host, port)
    await asyncio.wait_for(load.ended, seconds + WARM_FOR + 60)
    ordered = sorted(load.latencies) or [0.0]
    return {
        "requests_per_s": len(load.latencies) / seconds,
        "p50_ms": 1000 * ordered[len(ordered) // 2],
        "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "statuses": dict(load.statuses),
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    body = asked["body"].encode()
    whole = f"{asked['head']}Content-Length: {len(body)}\r\n\r\n".encode() + body
    words = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    sys.stdout.write(json.dumps(asyncio.run(main(*words, whole))) + "\n")
