"""At start: settings of tools and of models that could not be used are said before anything runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from nexus.errors import NexusError


@register("agents")
def families_have_queues(**_: Any) -> list[CheckMessage]:
    """Refuse a family whose work no worker would ever take."""
    from agents import families
    from nexus import engine

    try:
        lost = [family for family in families.known().values() if family.queue not in engine.QUEUES]
    except ImproperlyConfigured as error:
        return [Error(str(error), id="agents.E004")]
    return [Error(f"NEXUS_MODEL_FAMILIES: {one.name} has no queue {one.queue}", id="agents.E004") for one in lost]


@register("agents")
def tools_can_be_used(**_: Any) -> list[CheckMessage]:
    """Refuse networks, ports and MCP servers that nobody could make sense of."""
    # Read here and not above: most processes need none of it to begin.
    from agents.loop.limits import Limits
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
    try:
        Limits().but(settings.NEXUS_AGENT_LIMITS)
    except (ValueError, TypeError) as error:
        wrong.append(Error(f"NEXUS_AGENT_LIMITS: {error}", id="agents.E003"))
    return wrong
