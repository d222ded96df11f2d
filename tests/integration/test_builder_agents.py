"""Agents that were built: invoked, talked with, changed, deleted, counted; and nobody else's."""

from __future__ import annotations

import pytest
from django.test import override_settings

from agents.models import RegisteredTool, Role
from agents.sessions import opening
from apps.builder import recording
from apps.builder.models import Agent, Invocation
from nexus import engine
from tests.support import builds, runs
from tests.support.people import a_cast
from tests.support.stories import models_answered
from tests.support.talks import answered, say

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "/api/v2/agents"


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(NEXUS_WORKSPACES=str(tmp_path)):
        yield sandbox


@pytest.fixture
def cast():
    return a_cast()


def data(answer):
    assert answer.status_code in (200, 201), answer.content
    return answer.json()["data"]


def test_an_invocation_is_answered_and_written_down(cast, sandbox):
    agent = builds.an_agent(cast.acme)
    # Its own prompt, and what its program made of the question.
    sandbox.script(match={"contains": ["You count.", "Prepared: How many words are there?"]}, text="Four.")
    told = builds.asked(cast.alice, agent, metadata={"from": "test"})
    assert (told.status_code, told["Idempotency-Replayed"]) == (200, "true")
    said = told.json()["data"]
    assert (said["status"], said["agent_id"], said["user_id"]) == ("success", agent.public_id, "alice")
    assert said["output"] == "Four."
    assert said["output_tokens"] > 0
    assert float(said["cost_usd"]) > 0
    assert said["metadata"]["from"] == "test"
    (listed,) = data(cast.alice.get(f"{WHERE}/{agent.public_id}/invocations"))
    assert listed == said


def test_a_task_says_where_an_invocation_stands(cast):
    agent = builds.an_agent(cast.acme)
    ticket = cast.alice.post(f"{WHERE}/{agent.public_id}/invoke", {"input": "Hello", "wait_seconds": 0})
    assert ticket["Location"] == f"/api/v2/tasks/{ticket.json()['data']['task_id']}"
    before = data(cast.alice.get(ticket["Location"]))
    assert (before["status"], before["task_type"], before["worker_id"]) == ("queued", "invoke_agent", None)
    runs.work(engine.runs.get())
    after = data(cast.alice.get(ticket["Location"]))
    assert (after["status"], after["retry_count"], after["worker_id"]) == ("completed", 0, "alice/1")
    assert after["result"] == {"invocation_id": Invocation.objects.get().public_id}
    assert cast.charlie.get(ticket["Location"]).status_code == 404


def test_an_agent_uses_the_tools_that_were_generated_for_it(cast, sandbox):
    agent = builds.an_agent(cast.acme, tools=(builds.TOOL,))
    (row,) = RegisteredTool.objects.filter(source="generated")
    use = {"name": row.name, "input": {"text": "one two three"}}
    sandbox.play({"tool_calls": [use]}, {"text": "Done: {{result}}"})
    assert '{"words": 3}' in builds.asked(cast.alice, agent).json()["data"]["output"]
    row.refresh_from_db()
    assert row.uses == 1


def test_an_input_that_the_program_refuses_is_a_failed_invocation(cast):
    agent = builds.an_agent(cast.acme)
    told = builds.asked(cast.alice, agent, "Please refuse")
    assert (told.status_code, told.json()["code"]) == (502, "invocation_failed")
    assert "this is not for me" in told.json()["detail"]
    row = Invocation.objects.get()
    assert (row.status, row.input_text) == ("failed", "Please refuse")
    assert recording.write_down_the_dead() == 0


def test_an_invocation_whose_run_died_unseen_is_written_down(cast):
    agent = builds.an_agent(cast.acme)
    cast.alice.post(f"{WHERE}/{agent.public_id}/invoke", {"input": "Hello", "wait_seconds": 0})
    engine.cancel(run_id=engine.runs.get().pk)
    assert recording.write_down_the_dead() == 1
    assert Invocation.objects.get().status == "failed"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"input": ""}, "#/input"), ({"input": "x" * 50_001}, "#/input"), ({}, "#/input"),
        ({"input": "x", "wait_seconds": 61}, "#/wait_seconds"), ({"input": "x", "metadata": 3}, "#/metadata"),
        ({"input": "x", "session_id": "a b"}, "#/session_id"),
    ],
)  # fmt: skip
def test_what_could_not_be_asked_is_refused(cast, given, pointer):
    agent = builds.an_agent(cast.acme)
    refused = cast.alice.post(f"{WHERE}/{agent.public_id}/invoke", given)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not engine.runs.exists()


def test_a_turn_of_a_session_is_an_invocation_too(cast):
    agent = builds.an_agent(cast.acme)
    session = data(cast.alice.post(f"{WHERE}/{agent.public_id}/sessions", {"display_name": "Words"}))["session_id"]
    say(cast.alice, session, "How many?")
    answered(session)
    row = Invocation.objects.get()
    assert (row.session_id, row.status, row.input_text, row.user_id) == (session, "success", "How many?", "alice")
    assert row.output_tokens > 0
    say(cast.alice, session, "Please refuse")
    answered(session)
    cast.alice.get("/api/v2/sessions")
    from agents.sessions import watching

    watching.go_on()
    assert list(Invocation.objects.order_by("id").values_list("status", flat=True)) == ["success", "failed"]


def test_an_agent_is_nobody_elses(cast, sandbox):
    agent = builds.an_agent(cast.acme, tools=(builds.TOOL,))
    where = f"{WHERE}/{agent.public_id}"
    assert cast.charlie.post(f"{where}/invoke", {"input": "x"}).status_code == 404
    refused = cast.charlie.post(f"{where}/sessions", {})
    assert refused.json()["code"] == "unknown_role"
    # Even where a session with it were begun by other means, no model is asked for another project.
    role = Role.objects.get(name=agent.public_id)
    Role.objects.filter(pk=role.pk).update(project="")
    session = data(cast.charlie.post(f"{where}/sessions", {}))["session_id"]
    Role.objects.filter(pk=role.pk).update(project=role.project)
    before = sandbox.count()
    say(cast.charlie, session, "Tell me")
    answered(session)
    assert sandbox.count() == before
    assert engine.tasks.get(run_id=engine.runs.get().pk).error["code"] == "unknown_role"
    from agents.tools import offers

    offered = {one.name for one in offers(role="intern", project=str(cast.umbra.pk))}
    assert not offered & set(RegisteredTool.objects.filter(source="generated").values_list("name", flat=True))


def test_an_agent_that_is_offline_is_not_asked_until_it_runs_again(cast):
    agent = builds.an_agent(cast.acme, tools=(builds.TOOL,))
    where = f"{WHERE}/{agent.public_id}"
    off = data(cast.alice.client.put(where, {"status": "offline"}, content_type="application/json"))
    assert off["status"] == "offline"
    assert cast.alice.post(f"{where}/invoke", {"input": "x"}).json()["code"] == "agent_offline"
    assert cast.alice.post(f"{where}/sessions", {}).json()["code"] == "unknown_role"
    changed = {"status": "running", "system_prompt": "You count twice.", "role": "director", "version": "2.0.0"}
    on = data(cast.alice.client.put(where, changed, content_type="application/json"))
    assert (on["status"], on["version"], on["system_prompt"]) == ("running", "2.0.0", "You count twice.")
    role = Role.objects.get(name=agent.public_id)
    assert role.model == Role.objects.get(name="director").model
    assert role.system_prompt.startswith("You count twice.")
    assert builds.asked(cast.alice, agent).status_code == 200
    assert cast.charlie.client.put(where, changed, content_type="application/json").status_code == 404


def test_a_deleted_agent_is_gone_and_what_it_was_asked_is_kept(cast):
    agent = builds.an_agent(cast.acme, tools=(builds.TOOL,))
    builds.asked(cast.alice, agent)
    session = data(cast.alice.post(f"{WHERE}/{agent.public_id}/sessions", {}))["session_id"]
    assert data(cast.alice.client.delete(f"{WHERE}/{agent.public_id}")) == {"id": agent.public_id, "deleted": True}
    assert cast.alice.get(f"{WHERE}/{agent.public_id}").status_code == 404
    assert data(cast.alice.get(f"/api/v2/sessions/{session}"))["status"] == "closed"
    assert not Role.objects.filter(name=agent.public_id).exists()
    assert not RegisteredTool.objects.filter(source="generated").exists()
    assert data(cast.alice.get("/api/v2/statistics/overview"))["total_invocations"] == 1
    assert data(cast.alice.get("/api/v2/statistics/overview"))["total_agents"] == 0


def test_agents_are_listed_by_status_category_and_project(cast):
    first = builds.an_agent(cast.acme, name="first", category="writing")
    builds.an_agent(cast.acme, name="second")
    Agent.objects.filter(pk=first.pk).update(status="offline")
    assert [one["agent_name"] for one in data(cast.bob.get(WHERE))] == ["second", "first"]
    assert [one["agent_name"] for one in data(cast.bob.get(f"{WHERE}?category=writing"))] == ["first"]
    assert [one["agent_name"] for one in data(cast.bob.get(f"{WHERE}?status=running"))] == ["second"]
    assert data(cast.bob.get(f"{WHERE}?project_id=proj-nobodys")) == []
    assert cast.bob.get(f"{WHERE}?status=asleep").status_code == 400
    assert data(cast.charlie.get(WHERE)) == []


def test_a_session_needs_a_role_that_the_project_may_use(cast):
    with pytest.raises(Exception, match="There is no agent"), engine_transaction():
        opening.begin_session(project=str(cast.umbra.pk), agent=builds.an_agent(cast.acme).public_id)


def engine_transaction():
    from django.db import transaction

    return transaction.atomic()
