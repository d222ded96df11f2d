"""List a server's tools and call one, from ordinary code."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
from typing import TYPE_CHECKING, Any

from nexus.errors import NexusError

from . import loops, sessions
from .servers import McpServer
from .sessions import NotStarted

if TYPE_CHECKING:
    from mcp_types import CallToolResult, Tool

MOST_PAGES = 20
CLOSES_WITHIN = 5.0
"""Seconds at the end of a process; a program that has not ended by then has lost its streams, and is left."""
REFUSED = (-32601, -32602)
"""Unknown method or tool, input that does not fit: it was not done."""


class McpUnavailable(NexusError):
    """An MCP server could not be reached."""

    code = "mcp_unavailable"
    disposition = "give_back"


class McpLost(NexusError):
    """An MCP server gave no answer to a call that it may have carried out."""

    code = "mcp_lost"
    disposition = "retry"


class McpRefused(NexusError):
    """An MCP server does not take this call."""

    code = "mcp_refused"


def tools(server: McpServer) -> list[Tool]:
    """Every tool of a server. Raise McpUnavailable."""
    try:
        return loops.run(_tools(server), within=server.start_within + server.timeout + 5)
    except (NotStarted, TimeoutError) as error:
        raise McpUnavailable(f"{server.name} cannot be asked for its tools: {error}") from None


def call(server: McpServer, name: str, input: dict[str, Any], *, key: str) -> CallToolResult:
    """Call one tool. Raise McpUnavailable: nothing was asked. McpRefused: it was not done. McpLost: nobody knows."""
    try:
        return loops.run(_call(server, name, input, key), within=server.start_within + server.timeout + 5)
    except NotStarted as error:
        raise McpUnavailable(f"{server.name} cannot be reached: {error}") from None
    except TimeoutError:
        raise McpLost(f"{server.name} gave no answer within {server.timeout:g} s") from None


@atexit.register
def close() -> None:
    """Let the programs that this process started end with it."""
    if loops.is_running():
        with contextlib.suppress(TimeoutError):
            loops.run(sessions.close_all(within=CLOSES_WITHIN), within=CLOSES_WITHIN + 1)


async def _tools(server: McpServer) -> list[Tool]:
    held = sessions.session(server)
    found: list[Tool] = []
    cursor: str | None = None
    try:
        client = await held.client()
        for _ in range(MOST_PAGES):
            page = await asyncio.wait_for(client.list_tools(cursor=cursor), server.timeout)
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
    except NotStarted:
        raise
    except Exception as error:
        held.close()
        raise NotStarted(f"{type(error).__name__}: {error}") from error
    return found


async def _call(server: McpServer, name: str, input: dict[str, Any], key: str) -> CallToolResult:
    from mcp import MCPError

    held = sessions.session(server)
    client = await held.client()
    meta: Any = {"nexus/idempotency-key": key} if key else None
    try:
        return await asyncio.wait_for(client.call_tool(name, input, meta=meta), server.timeout)
    except MCPError as error:
        if error.code in REFUSED:
            raise McpRefused(f"{server.name} does not take this call: {error}") from None
        held.close()
        raise McpLost(f"{server.name} answered with an error: {error}") from None
    except TimeoutError:
        held.close()  # it hangs: whoever comes next starts another
        raise
    except Exception as error:  # noqa: BLE001 — whatever it is, nobody knows whether it was done
        held.close()
        raise McpLost(f"{server.name} was lost in the middle of a call: {type(error).__name__}: {error}") from None
