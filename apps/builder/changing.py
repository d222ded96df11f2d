"""An agent is changed, taken offline, or deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from agents import prompts, roles
from agents.sessions import opening
from agents.sessions.models import Session
from nexus.transactions import requires_transaction

from . import deployments
from .models import Agent
from .states import AgentStatus

PLAIN = ("display_name", "description", "category", "version", "capabilities", "tags", "status")


@requires_transaction
def change(agent_id: int, given: Mapping[str, Any]) -> Agent:
    """Make the agent so, with the caller's transaction; where it runs it runs as it is now. Raise UnknownRole."""
    agent: Agent = Agent.objects.select_for_update().get(pk=agent_id)
    for field in PLAIN:
        if field in given:
            setattr(agent, field, given[field])
    if "system_prompt" in given:
        agent.spec = {**agent.spec, "system_prompt": prompts.fence(given["system_prompt"])}
    if "role" in given:
        agent.spec = {**agent.spec, "like": roles.get(given["role"], project=str(agent.tenant_id)).name}
    agent.updated_at = timezone.now()
    agent.save()
    where = deployments.of(agent.deployment_type)
    if agent.status == AgentStatus.RUNNING:
        where.start(agent)
    else:
        where.stop(agent)
    return agent


@requires_transaction
def delete(agent_id: int) -> list[int]:
    """Let nobody see or use the agent any more; what it was asked is kept. Return the runs that still answer for it."""
    agent = Agent.objects.select_for_update().get(pk=agent_id)
    deployments.of(agent.deployment_type).stop(agent)
    Agent.objects.filter(pk=agent_id).update(status=AgentStatus.OFFLINE, deleted_at=Now(), updated_at=Now())
    talks = Session.objects.filter(role=agent.public_id, status__in=(Session.Status.ACTIVE, Session.Status.PAUSED))
    return [run_id for talk in talks if (run_id := opening.close_session(talk)) is not None]


def take_away(agent: Agent) -> None:
    """Remove what of a deleted agent is outside of the database."""
    deployments.of(agent.deployment_type).remove(agent)
