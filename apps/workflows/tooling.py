"""The tools of a stage: those that its project has defined, as the agents have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.loop.converse import converse
from agents.tools import offering
from nexus import engine

from .errors import StageToolNotFound
from .models import ToolDefinition

GATHER = (
    "Find out with your tools what this stage needs, and then say in plain words what you have found. "
    "The answer in the form of the contract is asked for afterwards."
)


def named(project_id: int, tools: list[str]) -> list[str]:
    """The agents' names of a stage's tools; raise StageToolNotFound for the first that does not exist."""
    rows = dict(ToolDefinition.objects.filter(project_id=project_id, key__in=tools).values_list("key", "body"))
    found = []
    for tool_id in tools:
        name = (rows[tool_id]["tool"] or tool_id) if tool_id in rows else ""
        if not name or offering.find(name) is None:
            raise StageToolNotFound(f"There is no tool {tool_id}", missing_tool_id=tool_id)
        found.append(name)
    return found


def gather(context: engine.Context, stage: Mapping[str, Any], prompt: str, *, system: str) -> str:
    """What the stage's role finds out with its tools, in its words."""
    tools = named(int(context.tenant), stage["tools"])
    answer = converse(
        context, role=stage["role"], system=f"{system}\n\n{GATHER}".strip(), prompt=prompt, tools=tools
    )  # fmt: skip
    return answer.text
