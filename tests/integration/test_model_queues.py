"""Where tasks of models wait: in the queue of the family that the role's model belongs to."""

from __future__ import annotations

import pytest
from django.db import transaction

from agents import roles
from agents.models import Role
from agents.sessions import opening, sending
from nexus import engine
from workorders import drawing
from workorders.contracts import Plan, Section

pytestmark = pytest.mark.django_db
SECTIONS = tuple(Section(key=key, title=key, focus="", after=()) for key in ("a", "b"))


@pytest.fixture(autouse=True)
def a_director_of_deepseek() -> None:
    roles.install()
    Role.objects.filter(name="director").update(provider="deepseek", model="DeepSeek-Chat")


def queues(specs, given: str = "director") -> dict[str, str]:
    return {spec.key: spec.queue for spec in engine.resolved(specs)}


def test_the_work_of_a_plan_waits_in_the_queue_of_its_roles_model(django_assert_num_queries):
    plan = Plan(summary="s", sections=SECTIONS, acceptance=())
    graph = drawing.draw(plan, difficulty="normal", owner_role="director")
    with django_assert_num_queries(1):
        found = queues(graph)
    assert found == {
        "gather": "nexus.tools", "outline": "nexus.agents",  # an intern's
        "section_1": "nexus.model.deepseek", "section_2": "nexus.model.deepseek",
        "assemble": "nexus.tools", "review": "nexus.control",
    }  # fmt: skip


def test_a_model_that_is_named_goes_before_the_roles_and_a_queue_before_both():
    named = engine.TaskSpec(key="named", type="section", input={"role": "director", "model": "gemini/gemini-2.5-pro"})
    placed = engine.TaskSpec(key="placed", type="section", input={"role": "director"}, queue="nexus.agents")
    nobody = engine.TaskSpec(key="nobody", type="section", input={"role": "nobody"})
    assert queues([named, placed, nobody]) == {
        "named": "nexus.model.gemini", "placed": "nexus.agents", "nobody": "nexus.agents",
    }  # fmt: skip


def test_a_turn_of_a_session_waits_where_its_agents_model_does():
    with transaction.atomic():
        session = opening.begin_session(project="acme", agent="director")
        message = sending.send(session, content="Hello").message
    assert engine.tasks.get(run_id=message.run_id).queue == "nexus.model.deepseek"
