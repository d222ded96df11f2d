"""Listening: `serve()` for the process of its own, `running()` inside a test."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from apps.sandbox import control
from apps.sandbox.http import Connection, Reply, Request
from apps.sandbox.journal import Journal
from apps.sandbox.provider import Provider, Settings
from apps.sandbox.remote import Remote
from apps.sandbox.telegram import api as telegram
from apps.sandbox.telegram import control as telegram_control
from apps.sandbox.telegram.world import World

BACKLOG = 1024


@asynccontextmanager
async def listening(provider: Provider, *, host: str, port: int) -> AsyncIterator[str]:
    """Accept connections for `provider` until the block ends; yields the URL."""
    world = World()

    async def answer(request: Request, reply: Reply) -> None:
        try:
            if telegram.is_meant(request.path):
                await telegram.answer(world, request, reply)
            elif telegram_control.is_meant(request.path):
                await telegram_control.answer(world, request, reply)
            elif control.is_meant(request.path):
                await control.answer(provider, request, reply)
            else:
                await provider.answer(request, reply)
        except Exception:  # noqa: BLE001 - a fault of ours must look like one: said aloud, connection closed
            traceback.print_exc(file=sys.stderr)
            reply.drop()

    connections: set[Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answer, connections), host, port, backlog=BACKLOG)
    bound = server.sockets[0].getsockname()
    try:
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        server.close()
        for connection in list(connections):
            connection.drop()
        await server.wait_closed()
        provider.journal.shut()


async def serve(provider: Provider, *, host: str, port: int, stop: asyncio.Event) -> None:
    """Listen until `stop`; the first line on stdout says where."""
    async with listening(provider, host=host, port=port) as url:
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        await stop.wait()


@contextmanager
def running(*, latency_ms: float = 0, chunk_ms: float = 0, journal: Path | None = None) -> Iterator[Remote]:
    """A sandbox in a thread of this process, on a free port, for the length of the block."""
    provider = Provider(settings=Settings(latency_ms=latency_ms, chunk_ms=chunk_ms), journal=Journal(path=journal))
    ready = threading.Event()
    found: list[str] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def main() -> None:
        async with listening(provider, host="127.0.0.1", port=0) as url:
            found.append(url)
            ready.set()
            await stop.wait()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(main())
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=work, name="sandbox", daemon=True)
    thread.start()
    ready.wait()
    if not found:
        raise RuntimeError("the sandbox did not start")
    try:
        yield Remote(found[0])
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
