"""The doors of apps/builder."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from agents import roles
from billing import pricebook
from tests.support.people import Cast

from . import SECRET, Door, lists, own

PROJECT = "api/v2/projects/<build:project_id>"
AGENT = "api/v2/agents/<agent:agent_id>"


def a_project(cast: Cast) -> Mapping[str, object]:
    """A project of Alice's that nobody works on."""
    answer = cast.alice.post("/api/v2/projects", {"requirement": f"Build an agent that knows {SECRET}"})
    assert answer.status_code == 201, answer.content
    return {"project_id": answer.json()["data"]["project_id"]}


def an_agent(cast: Cast) -> Mapping[str, object]:
    """An agent of Alice's that can be invoked."""
    from apps.builder import deployments
    from apps.builder.beginning import new_id
    from apps.builder.models import Agent

    roles.install()
    with transaction.atomic():
        pricebook.install()
        agent = Agent.objects.create(
            public_id=new_id("agent"), tenant=cast.acme, name=SECRET, description=SECRET, status="running",
            spec={"system_prompt": SECRET, "code": "", "tools": [], "like": ""},
        )  # fmt: skip
        deployments.of("local").start(agent)
    return {"agent_id": agent.public_id}


def a_task(cast: Cast) -> Mapping[str, object]:
    """What Alice's project asked of workers."""
    project = a_project(cast)["project_id"]
    rows = cast.alice.get(f"/api/v2/projects/{project}/tasks").json()["data"]
    return {"task_id": rows[0]["task_id"]}


FIGURES = (
    "overview", "builds", "invocations", "agent-categories", "top-agents", "recent-activities", "system-health",
)  # fmt: skip

DOORS: dict[str, Door] = {
    "api/v2/projects": lists(says={"requirement": "Build an agent", "project": "acme"}),
    PROJECT: own(a_project),
    f"{PROJECT}/stages": own(a_project),
    f"{PROJECT}/build": own(a_project),
    f"{PROJECT}/control": own(a_project, says={"action": "pause"}),
    f"{PROJECT}/tasks": own(a_project),
    "api/v2/agents": lists(),
    AGENT: own(an_agent, says={"description": "x"}),
    f"{AGENT}/invoke": own(an_agent, says={"input": "x", "wait_seconds": 0}),
    f"{AGENT}/invocations": own(an_agent),
    "api/v2/tasks/<task:task_id>": own(a_task),
    **{f"api/v2/statistics/{name}": lists() for name in FIGURES},
}
