"""Which MCP servers there are, as the operator has written them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nexus.errors import NexusError

NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


class McpMisconfigured(NexusError):
    """NEXUS_MCP_SERVERS cannot be used as it is."""

    code = "mcp_misconfigured"


@dataclass(frozen=True, kw_only=True)
class McpServer:
    """A server: a program that speaks over its standard streams, or an address."""

    name: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Beside PATH, HOME and the like; nothing else of ours is seen by the program."""
    cwd: str | None = None
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 60.0
    """Seconds of one call."""
    start_within: float = 20.0
    trust_hints: bool = True
    """Believe what it says of its tools' effects. Where not, each must not be done twice."""
    effects: Mapping[str, str] = field(default_factory=dict)
    """Tool -> read, idempotent or once: the operator knows better."""
    only: tuple[str, ...] = ()
    """The tools that are offered; all where none is named."""

    def __post_init__(self) -> None:
        """Refuse what could not be started."""
        if not NAME.fullmatch(self.name):
            raise McpMisconfigured(f"{self.name!r}: the name of a server is a-z, 0-9 and -, at most 20 of them")
        if bool(self.command) == bool(self.url):
            raise McpMisconfigured(f"{self.name}: a server has a command or a url")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise McpMisconfigured(f"{self.name}: its url is http:// or https://")
        if not 0 < self.timeout <= 600 or not 0 < self.start_within <= 120:
            raise McpMisconfigured(f"{self.name}: timeout is at most 600 s, start_within 120 s")
        if wrong := set(self.effects.values()) - {"read", "idempotent", "once"}:
            raise McpMisconfigured(f"{self.name}: an effect is read, idempotent or once, not {min(wrong)!r}")


def servers_of(told: Mapping[str, Any]) -> dict[str, McpServer]:
    """Name -> server, of the setting's JSON. Raise McpMisconfigured."""
    if not isinstance(told, Mapping):
        raise McpMisconfigured("It is an object: name -> server")
    return {name: _server(name, one) for name, one in told.items()}


def _server(name: str, told: Any) -> McpServer:
    known = {one.name for one in fields(McpServer)} - {"name"}
    if not isinstance(told, Mapping) or set(told) - known:
        raise McpMisconfigured(f"{name}: a server is an object with {', '.join(sorted(known))}")
    for listed in ("command", "only"):
        if isinstance(told.get(listed), str) or any(not isinstance(part, str) for part in told.get(listed, ())):
            raise McpMisconfigured(f"{name}: {listed} is a list of words; no shell takes a line apart")
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    try:
        return McpServer(name=name, **given)
    except TypeError as error:
        raise McpMisconfigured(f"{name}: {error}") from None
