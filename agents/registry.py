"""Agents by name, as data: what each is told, which role it works in, what it may use beside.

A role is an agent as it is. Others are registered by code, each of a function that answers its prompt, or come from
rows: an application that keeps agents says how to find them. Names are looked for in that order, so nobody's agent
passes for a role.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from agents import roles
from agents.errors import UnknownRole
from agents.models import Role

F = TypeVar("F", bound=Callable[[], str])
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Who works. Raise ValueError for one that could not."""

    name: str
    role: str
    """Whose model it asks, within whose limits, under whose rules."""
    prompt: str = ""
    """What it is told beside what its role is."""
    tools: tuple[str, ...] = ()
    """What it may use, all in all: names, or beginnings of names with a star."""
    description: str = ""
    """For people who choose."""
    version: int = 1
    source: str = "python"

    def __post_init__(self) -> None:
        """Refuse a name that no address could have."""
        if not NAME.fullmatch(self.name):
            raise ValueError(f"The name of an agent is 1 to 64 of A-Z a-z 0-9 _ -, not {self.name!r}")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Agents that somebody keeps for projects."""

    find: Callable[[str, str], Agent | None]
    """Given the project and the name."""
    every: Callable[[str], list[Agent]]
    """Given the project."""


_agents: dict[str, Agent] = {}
_sources: dict[str, Source] = {}


def agent(
    *, role: str, name: str = "", tools: tuple[str, ...] = (), version: int = 1
) -> Callable[[F], F]:  # fmt: skip
    """Make an agent of the decorated function: it answers the prompt, its docstring is the description."""

    def register(function: F) -> F:
        add(
            Agent(
                name=name or function.__name__, role=role, prompt=function(), tools=tuple(tools),
                description=inspect.getdoc(function) or "", version=version,
            )
        )  # fmt: skip
        return function

    return register


def add(made: Agent) -> None:
    """Register an agent; raise ValueError when another one has its name."""
    if _agents.get(made.name, made) != made:
        raise ValueError(f"Two agents are called {made.name!r}")
    _agents[made.name] = made


def source(name: str, *, find: Callable[[str, str], Agent | None], every: Callable[[str], list[Agent]]) -> None:
    """Let agents of projects be found that are kept elsewhere, such as in rows. Said again, it replaces what it was."""
    _sources[name] = Source(find=find, every=every)


@lru_cache(maxsize=1)
def load() -> None:
    """Let every app register its agents: each has them in a module `agents`."""
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("agents")


def find(name: str, *, project: str) -> Agent:
    """The agent of that name for that project; raise UnknownRole."""
    load()
    if (role := Role.objects.filter(name=name).first()) is not None:
        return _of(role)
    if name in _agents:
        return _agents[name]
    for kept in _sources.values():
        if (found := kept.find(project, name)) is not None:
            return found
    raise UnknownRole(f"There is no agent {name!r}", role=name)


def every(*, project: str) -> list[Agent]:
    """All that may be talked to in that project, by name; of several of one name the one that `find` finds."""
    load()
    found: dict[str, Agent] = {}
    for kept in reversed(_sources.values()):
        found |= {one.name: one for one in kept.every(project)}
    found |= _agents
    found |= {role.name: _of(role) for role in Role.objects.exclude(name=roles.LISTENER)}
    return [found[name] for name in sorted(found)]


def _of(role: Role) -> Agent:
    return Agent(name=role.name, role=role.name, tools=tuple(role.tools), version=role.version, source="role")
