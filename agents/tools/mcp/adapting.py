"""A server's tool -> a Tool: its name, its effect, its words."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agents.tools.base import BY_EFFECT, Output, Tool, Where
from agents.tools.errors import ToolFailed
from agents.tools.schemas import check_schema
from nexus import engine

from . import speaking
from .servers import McpServer, servers_of
from .speaking import McpLost, McpRefused, McpUnavailable

if TYPE_CHECKING:
    from mcp_types import CallToolResult
    from mcp_types import Tool as McpTool

log = logging.getLogger("nexus.tools")
BETWEEN = "__"
KNOWN_FOR, AWAY_FOR = 300.0, 30.0
"""Seconds that a server's list is believed, and that one which is away is not asked again."""
LONGEST_DESCRIPTION = 4_000
_lock = threading.Lock()
_known: dict[str, tuple[float, list[Tool]]] = {}


@lru_cache(maxsize=4)
def _servers(told: str) -> dict[str, McpServer]:
    return servers_of(json.loads(told))


def servers() -> dict[str, McpServer]:
    """The servers that the operator has named."""
    from django.conf import settings

    return _servers(json.dumps(settings.NEXUS_MCP_SERVERS, sort_keys=True))


def every() -> list[Tool]:
    """The tools of every server; those of one that is away are missing, and the log says so."""
    return [tool for server in servers().values() for tool in of(server)]


def find(name: str) -> Tool | None:
    """The tool of that name."""
    server = servers().get(name.partition(BETWEEN)[0])
    return None if server is None else next((tool for tool in of(server) if tool.name == name), None)


def of(server: McpServer) -> list[Tool]:
    """The tools of one server, as it told them within the last minutes."""
    with _lock:  # two threads need not start one program twice
        until, found = _known.get(server.name, (0.0, []))
        if time.monotonic() < until:
            return found
        try:
            found, until = _adapted(server), time.monotonic() + KNOWN_FOR
        except McpUnavailable as error:
            log.warning("mcp: %s", error)
            found, until = [], time.monotonic() + AWAY_FOR
        _known[server.name] = until, found
        return found


def forget() -> None:
    """Ask every server again when its tools are next wanted."""
    with _lock:
        _known.clear()


def _adapted(server: McpServer) -> list[Tool]:
    made: dict[str, Tool] = {}
    for told in speaking.tools(server):
        if server.only and told.name not in server.only:
            continue
        try:
            tool = adapted(server, told)
        except ValueError as error:
            log.warning("mcp: %s of %s is left out: %s", told.name[:100], server.name, error)
            continue
        made.setdefault(tool.name, tool)
    return sorted(made.values(), key=lambda tool: tool.name)


def adapted(server: McpServer, told: McpTool) -> Tool:
    """One of its tools as one of ours. Raise ValueError."""
    schema = dict(told.input_schema)
    check_schema(schema)
    effect = effect_of(server, told)
    name = f"{server.name}{BETWEEN}{re.sub(r'[^A-Za-z0-9_-]', '_', told.name)}"

    def act(where: Where, input: dict[str, Any]) -> Output:
        return _called(server, told.name, effect, where, input)

    return Tool(
        name=name, description=(told.description or told.title or told.name)[:LONGEST_DESCRIPTION], schema=schema,
        effect=effect, permission=BY_EFFECT[effect], timeout=server.start_within + server.timeout + 10,
        source=f"mcp:{server.name}", act=act,
    )  # fmt: skip


def effect_of(server: McpServer, told: McpTool) -> engine.EffectKind:
    """By the operator's word, by the server's hints, or once."""
    said = server.effects.get(told.name)
    if said is not None:
        return said  # type: ignore[return-value]  # checked when the setting was read
    hints = told.annotations if server.trust_hints else None
    if hints is not None and hints.read_only_hint:
        return "read"
    return "idempotent" if hints is not None and hints.idempotent_hint else "once"


def _called(server: McpServer, name: str, effect: engine.EffectKind, where: Where, input: dict[str, Any]) -> Output:
    try:
        answer = speaking.call(server, name, input, key=where.key)
    except McpUnavailable as error:
        raise ToolFailed(str(error), again=True) from error  # nothing was asked
    except McpRefused as error:
        raise ToolFailed(str(error)) from error
    except McpLost as error:
        if effect != "read":
            raise  # it may have happened: the effect ledger decides
        raise ToolFailed(str(error)) from error
    return Output(text=words_of(answer), is_error=bool(answer.is_error))


def words_of(answer: CallToolResult) -> str:
    """What it says, in words; of what is no words, what it is."""
    said = [_words(one) for one in answer.content]
    if not any(said) and answer.structured_content is not None:
        return json.dumps(answer.structured_content, ensure_ascii=False, indent=1)
    return "\n".join(part for part in said if part)


def _words(block: Any) -> str:
    if block.type == "text":
        return str(block.text)
    if block.type == "resource":
        return str(getattr(block.resource, "text", f"[a file: {block.resource.uri}]"))
    if block.type == "resource_link":
        return f"[{block.uri}]"
    return f"[{block.type}: {getattr(block, 'mime_type', '')}]"
