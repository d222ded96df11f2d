"""In a runtime of AWS Bedrock AgentCore."""

from __future__ import annotations

from typing import Any

from apps.builder.errors import DeploymentUnavailable
from apps.builder.models import Agent
from nexus import engine

from .base import Bundle, Said


class AgentCore:
    """Agents that run in AgentCore."""

    def check(self) -> None:
        """Refuse."""
        raise DeploymentUnavailable

    def send(self, context: engine.Context, agent_id: str, bundle: Bundle) -> dict[str, Any]:
        """Refuse."""
        raise DeploymentUnavailable

    def start(self, agent: Agent) -> None:
        """Nothing."""

    def stop(self, agent: Agent) -> None:
        """Nothing."""

    def answer(self, context: engine.Context, agent: Agent, text: str, *, session_id: str) -> Said:
        """Refuse."""
        raise DeploymentUnavailable

    def remove(self, agent: Agent) -> None:
        """Nothing."""
