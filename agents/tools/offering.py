"""What a role is told of: the tools that it may use, or ask for, in this order."""

from __future__ import annotations

from agents.providers.messages import ToolOffer

from . import generated, permissions, registry
from .base import Tool
from .mcp import adapting


def offers(*, role: str, project: str, order: str = "", only: frozenset[str] | None = None) -> list[ToolOffer]:
    """The tools that are not denied, by name. `only` are those that the task may use at all."""
    rules = permissions.rules_for(role=role, project=project, order=order)
    found = [tool for tool in every(only=only, project=project) if rules.verdict(tool) != "deny"]
    return [ToolOffer(name=tool.name, description=tool.description, schema=dict(tool.schema)) for tool in found]


def every(*, only: frozenset[str] | None = None, project: str = "") -> list[Tool]:
    """Every tool that there is; those that were generated, for their project alone."""
    known = [*registry.tools(), *adapting.every(), *(generated.every(project) if project else ())]
    return [tool for tool in known if only is None or tool.name in only]


def find(name: str, *, only: frozenset[str] | None = None, project: str = "") -> Tool | None:
    """The tool of that name, where it may be used at all."""
    if only is not None and name not in only:
        return None
    return registry.find(name) or adapting.find(name) or (generated.find(name, project) if project else None)
