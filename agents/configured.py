"""At start: settings of tools that could not be used are said before anything runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from nexus.errors import NexusError


@register("agents")
def tools_can_be_used(**_: Any) -> list[CheckMessage]:
    """Refuse networks, ports and MCP servers that nobody could make sense of."""
    # Read here and not above: most processes need none of it to begin.
    from agents.safe_http.addresses import networks
    from agents.tools.mcp.servers import servers_of

    wrong: list[CheckMessage] = []
    try:
        networks(settings.NEXUS_HTTP_ALLOW)
    except ValueError as error:
        wrong.append(Error(f"NEXUS_HTTP_ALLOW: {error}", id="agents.E001"))
    try:
        servers_of(settings.NEXUS_MCP_SERVERS)
    except NexusError as error:
        wrong.append(Error(f"NEXUS_MCP_SERVERS: {error}", id="agents.E002"))
    return wrong
