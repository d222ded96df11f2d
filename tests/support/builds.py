"""Builds over HTTP, and workers for them in this process."""

from __future__ import annotations

from typing import Any

from apps.builder.models import BuildProject
from nexus import engine
from tests.support import runs
from tests.support.people import Person

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
