"""A session with one server: started when it is needed, given up when it fails. All of it runs on the loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import sys
from collections.abc import AsyncIterator
from functools import cache
from typing import TYPE_CHECKING, Any

from .servers import McpServer

if TYPE_CHECKING:
    from mcp import Client

_sessions: dict[tuple[int, str], Session] = {}


class NotStarted(Exception):
    """The server could not be reached: nothing was asked of it."""


class Session:
    """One connection, held open by one task: the SDK wants it closed by whoever opened it."""

    def __init__(self, server: McpServer) -> None:
        """Not open yet."""
        self.server = server
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._closing = asyncio.Event()
        self.task = asyncio.create_task(self._hold(), name=f"mcp {server.name}")

    async def client(self) -> Client:
        """The connected client; raise NotStarted."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._client), self.server.start_within)
        except TimeoutError:
            raise NotStarted(f"it did not start within {self.server.start_within:g} s") from None

    @property
    def is_over(self) -> bool:
        """Has it ended, or is it ending?"""
        return self._closing.is_set() or self.task.done()

    def close(self) -> None:
        """Give it up; what it holds is let go in its own time."""
        self._closing.set()
        if not self._client.done():
            self.task.cancel()

    async def _hold(self) -> None:
        from mcp import Client

        try:
            async with _transport(self.server) as transport, Client(transport, cache=None) as client:
                self._client.set_result(client)
                await self._closing.wait()
        except BaseException as error:
            if not self._client.done():
                self._client.set_exception(NotStarted(f"{type(error).__name__}: {_first(error)}"))
                self._client.exception()  # it may be that nobody waits for it any more
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._closing.set()


def session(server: McpServer) -> Session:
    """The session of this process with a server; a new one where there is none that holds."""
    here = os.getpid(), server.name
    found = _sessions.get(here)
    if found is None or found.is_over or found.server != server:
        found = _sessions[here] = Session(server)
    return found


async def close_all(*, within: float) -> None:
    """Give up every session of this process, and wait for what they hold to be let go."""
    held = [one for (pid, _), one in _sessions.items() if pid == os.getpid()]
    for one in held:
        one.close()
    await asyncio.wait([one.task for one in held] or [asyncio.create_task(asyncio.sleep(0))], timeout=within)


@contextlib.asynccontextmanager
async def _transport(server: McpServer) -> AsyncIterator[Any]:
    """How the server is spoken to. No proxy of the environment, no environment of ours."""
    if server.command:
        from mcp import StdioServerParameters, stdio_client

        command, *args = server.command
        asked = StdioServerParameters(command=command, args=args, env=dict(server.env), cwd=server.cwd)
        # Celery puts a log in the place of stderr, which is no file that a child could write to.
        yield stdio_client(asked, errlog=sys.__stderr__ or sys.stderr)
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    timeout = httpx2.Timeout(10, read=server.timeout + 10)
    async with httpx2.AsyncClient(
        headers=dict(server.headers), timeout=timeout, trust_env=False, verify=_trusted()
    ) as client:
        yield streamable_http_client(server.url, http_client=client)


@cache
def _trusted() -> ssl.SSLContext:
    """Who is believed to be who they say: read once, it takes longer than a request."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def _first(error: BaseException) -> str:
    """The words of an error; of the first where several happened at once."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
