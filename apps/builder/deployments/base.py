"""What a deployment can do, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from apps.builder.models import Agent
from nexus import engine


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What an agent is made of, as its project built it."""

    name: str
    system_prompt: str
    code: str
    tools: Sequence[Mapping[str, Any]] = ()
    """Each with name, display_name, description, category, parameters, code, path."""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What an agent answered, and what it took."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    metadata: dict[str, Any] = field(default_factory=dict)


class Deployment(Protocol):
    """Somewhere that agents run."""

    def check(self) -> None:
        """Raise DeploymentUnavailable where nothing can be deployed there."""
        ...

    def send(self, context: engine.Context, agent_id: str, bundle: Bundle) -> dict[str, Any]:
        """Do what has to be done outside of the database, once; return what is to be known of it afterwards."""
        ...

    def start(self, agent: Agent) -> None:
        """Let it be invoked, with the caller's transaction. Its `spec` and `agentcore_config` say what it is."""
        ...

    def stop(self, agent: Agent) -> None:
        """Let nobody invoke it, with the caller's transaction."""
        ...

    def answer(self, context: engine.Context, agent: Agent, text: str, *, session_id: str) -> Said:
        """Ask it."""
        ...

    def remove(self, agent: Agent) -> None:
        """Take it away from outside of the database, after the caller's commit."""
        ...
