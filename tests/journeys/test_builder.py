"""An agent from its requirement to its first words, with real workers: built, asked, talked with, counted."""

from __future__ import annotations

import json

import httpx2

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import Stack

WHERE = "/api/v2/projects"
REQUIREMENT = "Build an agent that answers questions about release checklists for Django services"


def data(answer: httpx2.Response):
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["data"]


def created(client: httpx2.Client, **given) -> str:
    return str(data(client.post(WHERE, json={"requirement": REQUIREMENT, **given}))["project_id"])


def stands(client: httpx2.Client, project: str, status: str, *, within: float = 90) -> dict:
    def there():
        seen = data(client.get(f"{WHERE}/{project}"))
        assert seen["status"] in {status, "queued", "building", "paused"}, (seen["status"], seen["error_info"])
        return seen if seen["status"] == status else None

    return dict(wait_for(there, within=within, what=f"{project} to be {status}"))


def stages(client: httpx2.Client, project: str) -> dict[str, str]:
    return {one["stage_name"]: one["status"] for one in data(client.get(f"{WHERE}/{project}/stages"))}


def tell(client: httpx2.Client, project: str, action: str, **given) -> dict:
    return dict(data(client.post(f"{WHERE}/{project}/control", json={"action": action, **given})))


def test_an_agent_is_built_talked_with_and_counted(nexus: Stack):
    with nexus.client() as client:
        project = created(client, project_name="Release helper")
        done = stands(client, project, "completed")
        assert done["progress"] == 100.0
        assert float(done["metrics"]["cost_usd"]) > 0
        (agent,) = data(client.get(f"/api/v2/agents?project_id={project}"))
        where = f"/api/v2/agents/{agent['agent_id']}"
        said = data(client.post(f"{where}/invoke", json={"input": "Which steps come first?"}))
        assert said["status"] == "success"
        assert said["output"]
        session = data(client.post(f"{where}/sessions", json={}))["session_id"]
        with client.stream("POST", f"/api/v2/sessions/{session}/stream", json={"content": "And after that?"}) as answer:
            lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")]
        frames = [json.loads(line) for line in lines]
        assert frames[-1] == {"event": "done"}
        assert "".join(frame["data"] for frame in frames if frame.get("type") == "text")
        asked = data(client.get(f"{where}/invocations"))
        assert [one["session_id"] for one in asked] == [session, None]
        figures = data(client.get("/api/v2/statistics/overview"))
        assert (figures["completed_projects"], figures["running_agents"]) == (1, 1)
        assert figures["today_invocations"] == 2
        assert data(client.get("/api/v2/statistics/invocations?days=1"))[0]["successful_invocations"] == 2
        assert data(client.get("/api/v2/statistics/builds?days=1"))[0]["successful_builds"] == 1
    orders.assert_books_balance(nexus)


def test_a_build_is_paused_resumed_and_restarted(nexus: Stack):
    with nexus.client() as client:
        project = created(client)
        wait_for(lambda: stages(client, project)["orchestrator"] == "running", what="the first stage")
        assert tell(client, project, "pause")["status"] == "paused"
        wait_for(lambda: "running" not in stages(client, project).values(), what="the stage to end")
        held = stages(client, project)
        assert "pending" in held.values()
        assert tell(client, project, "resume")["status"] in ("building", "queued")
        stands(client, project, "completed")
        assert tell(client, project, "restart", from_stage="agent_developer_manager")["progress"] == 77.8
        assert stands(client, project, "completed")["restarts"] == 1
    orders.assert_books_balance(nexus)


def test_a_build_survives_the_death_of_its_worker(nexus: Stack):
    with nexus.client() as client:
        project = created(client)
        wait_for(lambda: stages(client, project)["agent_design"] == "running", what="a stage in the middle")
        nexus.kill("tools")
        nexus.start_worker("tools")
        stands(client, project, "completed")
        for stage in data(client.get(f"{WHERE}/{project}/stages")):
            assert stage["status"] == "completed"
    orders.assert_books_balance(nexus)
    orders.assert_settled_once(nexus)
