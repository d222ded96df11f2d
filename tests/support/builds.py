"""Builds over HTTP, and workers for them in this process."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.builder import deployments
from apps.builder.beginning import new_id
from apps.builder.models import Agent, BuildProject, Job
from nexus import engine
from tests.support import runs
from tests.support.people import Person
from workorders.models import Project

WHERE = "/api/v2/projects"
REQUIREMENT = "Build an agent that answers questions about release checklists for Django services"


def created(person: Person, **given: Any) -> str:
    """A new project; its id."""
    answer = person.post(WHERE, {"requirement": REQUIREMENT, **given})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["data"]["project_id"])


def look(person: Person, project: str, part: str = "") -> Any:
    """What a client sees of it."""
    answer = person.get(f"{WHERE}/{project}{part}")
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def run_of(project: str) -> engine.Run:
    """Its present run."""
    return engine.runs.get(pk=BuildProject.objects.get(public_id=project).run_id)


def built(project: str) -> engine.Run:
    """Do everything that can be done of it now."""
    return runs.work(run_of(project))


COUNTS = """
def run(data):
    return {"words": len(str(data.get("text", "")).split())}
"""
PREPARES = """
def prepare(text):
    if "refuse" in text:
        raise ValueError("this is not for me")
    return "Prepared: " + text
"""
TOOL: dict[str, Any] = {
    "name": "count_words", "display_name": "Count words", "description": "Count the words of a text.",
    "category": "analysis", "parameters": [{"name": "text", "type": "string", "description": "The text"}],
    "code": COUNTS, "path": "tools/generated_tools/counter/count_words.py",
}  # fmt: skip


def an_agent(tenant: Project, *, tools: tuple[dict[str, Any], ...] = (), code: str = PREPARES, **given: Any) -> Agent:
    """An agent that runs, without the build that would have made it."""
    fields = {"name": "counter", "description": "Counts.", "category": "analysis", "status": "running", **given}
    with transaction.atomic():
        agent = Agent.objects.create(
            public_id=new_id("agent"), tenant=tenant, tools=[tool["name"] for tool in tools],
            spec={"system_prompt": "You count.", "code": code, "tools": list(tools), "like": "intern"}, **fields,
        )  # fmt: skip
        deployments.of(agent.deployment_type).start(agent)
    return agent


def asked(person: Person, agent: Agent, text: str = "How many words are there?", **given: Any) -> Any:
    """Ask it, let it answer, and read what the same request is answered then."""
    where, key = f"/api/v2/agents/{agent.public_id}/invoke", {"Idempotency-Key": new_id("k")}
    said = {"input": text, "wait_seconds": 0, **given}
    ticket = person.post(where, said, **key)
    assert ticket.status_code == 202, ticket.content
    runs.work(engine.runs.get(pk=Job.objects.get(public_id=ticket.json()["data"]["task_id"]).run_id))
    return person.post(where, said, **key)
