"""What the builder stands on: queues, tables and default rows; made, listed, or cleared."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction

from agents import roles
from agents.tools import generated
from agents.tools import install as tools
from billing import pricebook
from nexus import engine

from . import artefacts, deployments
from .models import Agent, BuildProject, Invocation, Job

TABLES = {
    "projects": "builder.BuildProject", "stages": "builder.BuildStage", "agents": "builder.Agent",
    "invocations": "builder.Invocation", "sessions": "agents.Session", "messages": "agents.Message",
    "tasks": "builder.Job", "tools": "agents.RegisteredTool",
}  # fmt: skip
"""What each of the builder's tables is called for people, and which model it is."""
QUEUES = ("nexus.build", "nexus.deploy", "nexus.notify")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A queue or a table, and how much is in it."""

    kind: str
    name: str
    table: str
    rows: int | None
    """None: it is not there."""


def install() -> None:
    """Create roles, prices and tools that are missing. What is there is left alone."""
    with transaction.atomic():
        pricebook.install()
        roles.install()
        tools.install()


def listed() -> list[Resource]:
    """Every queue with the tasks that wait in it, and every table with its rows."""
    there = set(connection.introspection.table_names())
    waiting = engine.tasks.filter(state__in=("ready", "running"))
    queues = [
        Resource(kind="queue", name=name, table="nexus_task", rows=waiting.filter(queue=name).count())
        for name in QUEUES
        if "nexus_task" in there
    ]
    dead = engine.tasks.filter(queue__in=QUEUES, state="failed").count() if "nexus_task" in there else None
    queues.append(Resource(kind="queue", name="nexus.dead", table="nexus_deadletter", rows=dead))
    return queues + [_table(name, label, there) for name, label in TABLES.items()]


def _table(name: str, label: str, there: set[str]) -> Resource:
    model = apps.get_model(label)
    table = model._meta.db_table
    return Resource(
        kind="table", name=name, table=table, rows=model._default_manager.count() if table in there else None
    )


def clear() -> int:
    """Delete every project, agent, invocation and file of builds, and what stands for them elsewhere; count them.

    Sessions, messages, other tools and the ledger stay: they are not the builder's alone.
    """
    projects = list(BuildProject.objects.all())
    for project in projects:
        _stop(project.run_id)
    for run_id in Job.objects.values_list("run_id", flat=True).distinct():
        _stop(run_id)
    with transaction.atomic():
        agents = list(Agent.objects.all())
        for agent in agents:
            deployments.of(agent.deployment_type).stop(agent)
            generated.remove(_tools_of(agent), project=str(agent.tenant_id))
        counted = Invocation.objects.count() + len(agents) + len(projects)
        Invocation.objects.all().delete()
        Job.objects.all().delete()
        Agent.objects.all().delete()
        BuildProject.objects.all().delete()
    for project in projects:
        artefacts.throw_away(project)
    return counted


def _stop(run_id: int) -> None:
    with contextlib.suppress(engine.IllegalMove):
        engine.cancel(run_id=run_id, reason="cleared")


def _tools_of(agent: Agent) -> list[str]:
    from .names import of_tool

    return [of_tool(tool["name"], agent.public_id) for tool in agent.spec.get("tools", ())]
