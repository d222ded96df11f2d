"""The stages of a build, as data: their order is the project's own, taken from here when it begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import StageUnknown

INTENT = "intent_analysis"
"""Comes before every order, and is no stage of any: what the request is."""
DEPLOYER = "agent_deployer"
NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage."""

    name: str
    display_name: str
    role: str
    """Who is asked; empty where nobody is."""
    each: bool = False
    """Done for each agent of the project."""
    document: str = ""
    """The file that its output is kept in, below projects/<project>/agents/<agent>/."""


STAGES: tuple[Stage, ...] = (
    Stage(name="orchestrator", display_name="Project set-up", role="director", document="orchestrator.json"),
    Stage(
        name="requirements_analysis", display_name="Requirements analysis", role="director",
        document="requirements_analyzer.json",
    ),
    Stage(
        name="system_architecture", display_name="System architecture", role="director",
        document="system_architect.json",
    ),
    Stage(name="agent_design", display_name="Agent design", role="director", each=True, document="agent_designer.json"),
    Stage(
        name="tools_developer", display_name="Tool development", role="director", each=True,
        document="tools_developer.json",
    ),
    Stage(
        name="prompt_engineer", display_name="Prompt engineering", role="director", each=True,
        document="prompt_engineer.json",
    ),
    Stage(
        name="agent_code_developer", display_name="Agent code", role="director", each=True,
        document="agent_code_developer.json",
    ),
    Stage(
        name="agent_developer_manager", display_name="Review of the whole", role="ceo",
        document="agent_developer_manager.json",
    ),
    Stage(name=DEPLOYER, display_name="Deployment", role="", each=True),
)  # fmt: skip
BY_NAME = {stage.name: stage for stage in STAGES}
DEFAULT_ORDER: tuple[str, ...] = tuple(stage.name for stage in STAGES)
ALIASES = {
    "requirements_analyzer": "requirements_analysis",
    "system_architect": "system_architecture",
    "agent_designer": "agent_design",
    "tool_developer": "tools_developer",
}
"""Names that earlier clients use."""
AFTER = {
    "requirements_analysis": {"orchestrator"},
    "system_architecture": {"requirements_analysis"},
    "agent_design": {"system_architecture"},
    "tools_developer": {"agent_design"},
    "prompt_engineer": {"agent_design"},
    "agent_code_developer": {"tools_developer", "prompt_engineer"},
    "agent_developer_manager": {"agent_code_developer"},
    DEPLOYER: {"agent_developer_manager"},
}
"""What a stage builds on, in whatever order the rest is."""


def named(name: str) -> Stage:
    """The stage of that name, or of one that earlier clients use; raise StageUnknown."""
    found = BY_NAME.get(ALIASES.get(name, name))
    if found is None:
        raise StageUnknown(f"There is no stage {name[:64]!r}", stages=list(DEFAULT_ORDER))
    return found


def checked(order: Sequence[str]) -> tuple[str, ...]:
    """The order with the names of today; raise StageUnknown or ValueError where it could not be built so."""
    names = tuple(named(name).name for name in order)
    if sorted(names) != sorted(DEFAULT_ORDER):
        raise ValueError("An order has each stage once")
    seen: set[str] = set()
    for name in names:
        if lacking := sorted(AFTER.get(name, set()) - seen):
            raise ValueError(f"{name} builds on {', '.join(lacking)}, which comes later")
        seen.add(name)
    return names
