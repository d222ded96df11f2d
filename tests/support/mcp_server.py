"""An MCP server made with the SDK, as a program: over its standard streams, or at a port. It keeps a journal."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ToolAnnotations

JOURNAL = Path(sys.argv[1])
server = MCPServer("journal")


def note(**facts: object) -> None:
    """Write down what was done."""
    with JOURNAL.open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), **facts}) + "\n")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def environment() -> str:
    """Say which variables this program sees."""
    return " ".join(sorted(os.environ))


@server.tool(annotations=ToolAnnotations(idempotent_hint=True))
def put(value: str, context: Context) -> str:
    """Put a value, the same for one key."""
    meta = context.request_context.meta or {}
    note(put=value, key=dict(meta).get("nexus/idempotency-key"))
    return "put"


@server.tool()
def send(to: str) -> str:
    """Send something."""
    note(sent=to)
    if to == "nobody":
        raise ValueError("there is no such person")
    return f"sent to {to}"


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
async def hang() -> str:
    """Never answer."""
    await asyncio.Event().wait()
    return ""


@server.tool()
def die(to: str) -> str:
    """Send something, and die of it."""
    note(sent=to)
    os._exit(3)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        app = server.streamable_http_app()
        with socket.create_server(("127.0.0.1", int(sys.argv[2]))) as listening:
            print("serving", flush=True)  # noqa: T201 — its whole word: who connects from now on is heard
            uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
    else:
        server.run("stdio")
