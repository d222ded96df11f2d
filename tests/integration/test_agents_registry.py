"""Agents by name: roles as they are, those of a project, registered ones; and a conversation with one."""

from __future__ import annotations

import pytest
from django.db import transaction

from agents import registry, roles
from agents.errors import UnknownRole
from agents.loop.models import Talk
from agents.models import Message
from agents.registry import Agent
from agents.sessions import opening, sending
from nexus import engine
from tests.support import runs
from tests.support.loops import uses
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox(monkeypatch):
    monkeypatch.setattr(registry, "_agents", {})
    with models_answered() as sandbox:
        yield sandbox


def names(project: str) -> list[str]:
    return [one.name for one in registry.every(project=project)]


def test_a_role_is_an_agent_as_it_is():
    roles.change("intern", actor="test", tools=["read_file"])
    found = registry.find("intern", project="7")
    assert (found.role, found.prompt, found.tools, found.source) == ("intern", "", ("read_file",), "role")
    assert {"admin", "ceo", "director", "intern"} <= set(names("7"))
    assert roles.LISTENER not in names("7"), "nobody talks with the one who listens"


def test_a_function_makes_an_agent():
    @registry.agent(role="director", tools=("wiki__*",))
    def guide() -> str:
        """Knows the way."""
        return "You are the guide."

    found = registry.find("guide", project="9")
    assert found == Agent(
        name="guide", role="director", prompt="You are the guide.", tools=("wiki__*",), description="Knows the way."
    )
    registry.add(found)
    with pytest.raises(ValueError, match="Two agents are called 'guide'"):
        registry.add(Agent(name="guide", role="intern"))
    with pytest.raises(ValueError, match="name of an agent"):
        registry.add(Agent(name="no/address", role="intern"))


def test_a_role_of_a_project_is_its_agent_alone_and_nothing_registered_passes_for_a_role():
    like = {"provider": "anthropic", "model": "claude-haiku-5-5", "max_output_tokens": 1_000}
    roles.define("mine", actor="test", project="7", **like, tools=["read_file"])
    for name in ("guide", "mine", "intern"):
        registry.add(Agent(name=name, role="director", prompt="registered"))
    assert registry.find("mine", project="7").tools == ("read_file",)
    assert [registry.find(name, project="7").prompt for name in ("guide", "mine", "intern")] == ["registered", "", ""]
    assert {one.name: one.prompt for one in registry.every(project="7")}["intern"] == ""
    for name in ("mine", "nobody"):
        with pytest.raises(UnknownRole, match=f"no agent '{name}'"):
            registry.find(name, project="8")


def test_a_conversation_is_with_an_agent_and_its_tools(sandbox):
    registry.add(Agent(name="adder", role="intern", prompt="You add.", tools=("try_adds",)))
    told = {"contains": "41 and 1", "tool": "try_adds"}
    sandbox.script(**uses(("try_adds", {"a": 41}), text="Let me see."), match=told)
    sandbox.script(text="It is 42.", match=told)
    with transaction.atomic():
        session = opening.begin_session(project="7", agent="adder")
        sent = sending.send(session, content="What is 41 and 1?")
    runs.work(engine.runs.get(pk=Message.objects.get(pk=sent.message.pk).run_id))
    answer = Message.objects.get(answers=sent.message)
    assert answer.content == "Let me see.\n\nIt is 42."
    (used,) = answer.metadata["tool_calls"]
    assert (used["name"], used["result"], used["status"]) == ("try_adds", "42", "success")
    assert [block["type"] for block in answer.metadata["content_blocks"]] == ["text", "tool_use"]
    assert "You add." in Talk.objects.get().system
    assert (session.agent, session.role) == ("adder", "intern")
