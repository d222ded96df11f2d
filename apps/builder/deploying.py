"""The last stage: what was built begins to run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from agents import prompts
from agents.sessions import ulid
from nexus import engine
from nexus.transactions import opens_transaction

from . import artefacts, building, deployments, documents
from .deployments import Bundle
from .models import Agent, BuildProject, BuildStage
from .stages import DEPLOYER
from .states import AgentStatus

DEPLOYED, NOTICED = "build.deployed", "build.notice"
Json = dict[str, Any]


def deploy(context: engine.Context) -> engine.Outcome:
    """Deploy each agent of a project. Sent twice, it is there once."""
    project = building.project_of(context)
    building.rest_if_paused(context, project)
    building.begun(context, project, DEPLOYER)
    before = building.outputs(project)
    where = deployments.of(project.deployment_type)
    where.check()
    found: dict[str, Json] = {}
    for one in before["system_architecture"]["agents"]:
        context.check()
        bundle = bundle_of(before, one["name"])
        agent_id = _id_of(project, one["name"])
        facts = where.send(context, agent_id, bundle)
        agent = _started(context, project, bundle, agent_id=agent_id, before=before, facts=facts)
        found[one["name"]] = {"agent_id": agent.public_id, "status": agent.status, "deployment": facts}
    return _finish(context, project, found)


def bundle_of(before: Mapping[str, Json], name: str) -> Bundle:
    """What the stages made for one agent."""
    design = before["agent_design"]["agents"][name]
    return Bundle(
        name=name,
        system_prompt=before["prompt_engineer"]["agents"][name]["system_prompt"],
        code=before["agent_code_developer"]["agents"][name]["code"],
        tools=before["tools_developer"]["agents"][name]["tools"],
        description=design["description"],
    )


def _id_of(project: BuildProject, name: str) -> str:
    """The id of the agent of that name: the same for every attempt, and for every later run that replaces it.

    One that was deleted keeps its id to itself.
    """
    mine = project.agents.filter(name=name)
    known = mine.filter(deleted_at__isnull=True).values_list("public_id", flat=True).first()
    said = f"{project.public_id} {name} {mine.count()}"
    return known or f"agent-{ulid.spelt(int.from_bytes(hashlib.sha256(said.encode()).digest()[:16]) >> 1).lower()}"


@opens_transaction
def _started(
    context: engine.Context, project: BuildProject, bundle: Bundle, *, agent_id: str, before: Mapping[str, Json],
    facts: Json,
) -> Agent:  # fmt: skip
    design = before["agent_design"]["agents"][bundle.name]
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind=DEPLOYED, data={"agent": agent_id})
    context.hold()
    building.ours(context, project)
    agent = Agent.objects.select_for_update().filter(public_id=agent_id).first()
    agent = agent or Agent(public_id=agent_id, tenant_id=project.tenant_id, project=project, name=bundle.name)
    agent.version = f"1.{project.restarts}.0"
    agent.display_name, agent.description = design["display_name"][:200], bundle.description
    agent.category, agent.capabilities = design["category"], list(design["capabilities"])
    agent.tools = [tool["name"] for tool in bundle.tools]
    agent.tags = list(project.tags)
    agent.deployment_type, agent.agentcore_config = project.deployment_type, facts
    agent.prompt_path = artefacts.prompt(project, bundle.name)
    agent.code_path = artefacts.code(project, bundle.name)
    agent.spec = {
        "system_prompt": prompts.fence(bundle.system_prompt), "code": bundle.code,
        "tools": [dict(tool) for tool in bundle.tools], "like": (agent.spec or {}).get("like", ""),
    }  # fmt: skip
    agent.status, agent.deployed_at, agent.updated_at = AgentStatus.RUNNING, timezone.now(), timezone.now()
    agent.save()
    deployments.of(agent.deployment_type).start(agent)
    return agent


def _finish(context: engine.Context, project: BuildProject, found: Json) -> engine.Outcome:
    files = {
        f"{artefacts.root(project)}/workflow_summary_report.md": _report(project),
        f"{artefacts.root(project)}/status.yaml": documents.as_yaml(
            {"project": artefacts.folder(project), "status": "deployed", "agents": [*found]}
        ),
    }
    artefacts.write(project, files)
    building.kept(context, project, DEPLOYER, {"agents": found}, files=sorted(files), tool_calls=0)
    return engine.Done(output={"agents": found})


def _report(project: BuildProject) -> str:
    review = project.stages.filter(name="agent_developer_manager").values_list("output_data", flat=True).first() or {}
    rows = [
        {
            "number": row.number, "name": row.name, "agent_name": row.agent_name,
            "duration_seconds": seconds_of(row), "input_tokens": row.input_tokens,
            "output_tokens": row.output_tokens, "cost_usd": row.cost_usd,
        }
        for row in project.stages.all()
    ]  # fmt: skip
    return documents.report(
        name=project.name, summary=review.get("summary", ""), risks=review.get("risks", ()), stages=rows
    )


def seconds_of(row: BuildStage) -> float | None:
    """How long a stage has taken so far, or took."""
    if row.started_at is None:
        return None
    return round(((row.completed_at or timezone.now()) - row.started_at).total_seconds(), 3)


def notice(context: engine.Context) -> engine.Outcome:
    """The end: the project is completed, and whoever follows its feed is told where."""
    project = building.project_of(context)
    _close(context, project)
    return engine.Done(output={"project": project.public_id})


@opens_transaction
def _close(context: engine.Context, project: BuildProject) -> None:
    agents = list(project.agents.filter(deleted_at__isnull=True).values_list("public_id", flat=True))
    told = {"type": "build_completed", "target": project.user_name, "payload": {"project_id": project.public_id}}
    told["payload"] |= {"agents": agents}  # type: ignore[operator]  # it is the dict above
    engine.tell(run_id=context.run_id, task_id=context.task_id, kind=NOTICED, data=told)
    context.hold()
    building.ours(context, project).update(completed_at=Now(), updated_at=Now())
