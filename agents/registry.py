"""Agents by name, as data: what each is told, which role it works in, what it may use beside.

A role is an agent as it is, and so is one that was built for a project: a role of that project alone. Others are
registered by code, each of a function that answers its prompt. A role comes before those, so that none passes for it.
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
    """Who works."""

    name: str
    role: str
    """Whose model it asks, within whose limits, under whose rules."""
    prompt: str = ""
    """What it is told beside what its role is."""
    tools: tuple[str, ...] = ()
    """What it may use, all in all: names, or beginnings of names with a star."""
    program: str = ""
    """Python: prepare(text) makes of an input what the model is asked."""
    description: str = ""
    """For people who choose."""
    version: int = 1
    source: str = "python"


_agents: dict[str, Agent] = {}


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
    """Register an agent; raise ValueError when another one has its name, or no address could have it."""
    if not NAME.fullmatch(made.name):
        raise ValueError(f"The name of an agent is 1 to 64 of A-Z a-z 0-9 _ -, not {made.name!r}")
    if _agents.get(made.name, made) != made:
        raise ValueError(f"Two agents are called {made.name!r}")
    _agents[made.name] = made


@lru_cache(maxsize=1)
def load() -> None:
    """Let every app register its agents: each has them in a module `agents`."""
    from django.utils.module_loading import autodiscover_modules

    autodiscover_modules("agents")


def find(name: str, *, project: str) -> Agent:
    """The agent of that name for that project; raise UnknownRole."""
    load()
    role = Role.objects.filter(name=name).first()
    if role is None and name in _agents:
        return _agents[name]
    if role is None or role.project not in ("", project):
        raise UnknownRole(f"There is no agent {name!r}", role=name)
    return _of(role)


def every(*, project: str) -> list[Agent]:
    """All that may be talked to in that project, by name; of two of one name the one that `find` finds."""
    load()
    theirs = Role.objects.filter(project__in=("", project)).exclude(name=roles.LISTENER)
    found = _agents | {role.name: _of(role) for role in theirs}
    return [found[name] for name in sorted(found)]


def _of(role: Role) -> Agent:
    return Agent(
        name=role.name, role=role.name, tools=tuple(role.tools), program=role.code, version=role.version, source="role"
    )
