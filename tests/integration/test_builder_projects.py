"""A requirement becomes an agent: stages, files, costs; nothing for strangers."""

from __future__ import annotations

import pytest
from django.test import override_settings

from agents.models import RegisteredTool, Role
from apps.builder.models import BuildProject
from apps.builder.stages import DEFAULT_ORDER
from billing.models import LedgerEntry
from nexus import engine
from tests.support import builds, runs
from tests.support.builds import WHERE
from tests.support.people import a_cast
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sandbox(tmp_path):
    with models_answered() as sandbox, override_settings(NEXUS_WORKSPACES=str(tmp_path)):
        yield sandbox


@pytest.fixture
def cast():
    return a_cast()


def tell(person, project, action, **given):
    return person.post(f"{WHERE}/{project}/control", {"action": action, **given})


def one_stage(project):
    """Do the next task of the project, and nothing after it."""
    return runs.work(builds.run_of(project), most=1)


def stages_of(person, project):
    return {stage["stage_name"]: stage["status"] for stage in builds.look(person, project, "/stages")}


def test_a_requirement_becomes_an_agent_that_runs(cast, tmp_path):
    project = builds.created(cast.alice, project_name="Release helper", tags=["release"], priority=5)
    assert builds.look(cast.alice, project)["status"] == "queued"
    builds.built(project)
    shown = builds.look(cast.alice, project)
    assert (shown["status"], shown["progress"], shown["current_stage"]) == ("completed", 100.0, None)
    assert (shown["priority"], shown["tags"], shown["project_name"]) == (5, ["release"], "Release helper")
    assert shown["completed_at"] is not None
    (told,) = [event.data for event in engine.events.of(builds.run_of(project).pk) if event.kind == "build.notice"]
    assert (told["type"], told["target"], told["payload"]["project_id"]) == ("build_completed", "alice", project)
    stages = builds.look(cast.alice, project, "/stages")
    assert [stage["stage_name"] for stage in stages] == list(DEFAULT_ORDER)
    assert {stage["status"] for stage in stages} == {"completed"}
    (agent,) = cast.alice.get(f"/api/v2/agents?project_id={project}").json()["data"]
    assert (agent["status"], agent["agent_name"], agent["deployment_type"]) == ("running", "release_helper", "local")
    assert agent["tools"]
    assert Role.objects.get(name=agent["agent_id"]).project == str(cast.acme.pk)
    assert RegisteredTool.objects.filter(source="generated", project=str(cast.acme.pk)).count() == len(agent["tools"])
    made = {path for stage in stages for path in stage["artifact_paths"]}
    root = next(tmp_path.glob("*/*"))
    assert {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} == made
    for name in ("requirements_analyzer", "system_architect", "agent_designer", "tools_developer", "prompt_engineer"):
        assert f"projects/release_helper/agents/release_helper/{name}.json" in made
    for path in (
        "projects/release_helper/config.yaml",
        "projects/release_helper/workflow_summary_report.md",
        "prompts/generated_agents_prompts/release_helper/release_helper_prompt.yaml",
        "agents/generated_agents/release_helper/release_helper.py",
    ):
        assert path in made


def test_what_a_stage_took_is_what_the_ledger_says(cast):
    project = builds.created(cast.alice)
    builds.built(project)
    lines = LedgerEntry.objects.filter(order=project)
    stages = {stage["stage_name"]: stage for stage in builds.look(cast.alice, project, "/stages")}
    for name in DEFAULT_ORDER:
        mine = list(lines.filter(task_key=name))
        assert stages[name]["input_tokens"] == sum(line.input_tokens + line.cache_read for line in mine)
        assert stages[name]["output_tokens"] == sum(line.output_tokens for line in mine)
        assert float(stages[name]["cost_usd"]) == pytest.approx(float(sum(line.amount for line in mine)))
    assert stages["tools_developer"]["tool_calls"] > 0
    board = builds.look(cast.alice, project, "/build")
    metrics = board["metrics"]
    total = sum(float(line.amount) for line in lines)
    assert float(metrics["cost_total_usd"]) == pytest.approx(total)
    parts = float(metrics["cost_input_usd"]) + float(metrics["cost_output_usd"])
    assert parts == pytest.approx(total)
    assert metrics["pricing_model"].split(", ") == sorted({line.model for line in lines})
    assert (board["total_stages"], board["completed_stages"], metrics["successful_stages"]) == (9, 9, 9)


def test_a_build_without_deployment_skips_it(cast):
    project = builds.created(cast.alice, deploy=False)
    builds.built(project)
    assert stages_of(cast.alice, project)["agent_deployer"] == "skipped"
    assert builds.look(cast.alice, project)["progress"] == 100.0
    assert cast.alice.get("/api/v2/agents").json()["data"] == []


def test_the_order_of_the_stages_is_data(cast):
    order = list(DEFAULT_ORDER)
    tools, prompts = order.index("tools_developer"), order.index("prompt_engineer")
    order[tools], order[prompts] = order[prompts], order[tools]
    with override_settings(NEXUS_BUILD_STAGES=order):
        project = builds.created(cast.alice)
    assert [one["stage_name"] for one in builds.look(cast.alice, project, "/stages")] == order
    builds.built(project)
    assert builds.look(cast.alice, project)["status"] == "completed"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"requirement": "too short"}, "#/requirement"),
        ({"requirement": "x" * 10_001}, "#/requirement"),
        ({"requirement": "Build an agent", "priority": 0}, "#/priority"),
        ({"requirement": "Build an agent", "priority": 6}, "#/priority"),
        ({"requirement": "Build an agent", "priority": "3"}, "#/priority"),
        ({"requirement": "Build an agent", "deployment_type": "moon"}, "#/deployment_type"),
        ({"requirement": "Build an agent", "tags": "x"}, "#/tags"),
        ({"requirement": "Build an agent", "strange": 1}, "#/strange"),
        ({}, "#/requirement"),
    ],
)
def test_a_project_that_could_not_be_is_refused(cast, given, pointer):
    refused = cast.alice.post(WHERE, given)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert BuildProject.objects.count() == 0


def test_lists_have_numbers_and_hold_nothing_of_others(cast):
    ids = [builds.created(cast.alice, priority=number) for number in (1, 2, 3)]
    page = cast.alice.get(f"{WHERE}?page=2&limit=2").json()
    assert [one["project_id"] for one in page["data"]] == [ids[0]]
    assert page["pagination"] == {
        "page": 2, "limit": 2, "total": 3, "pages": 2, "has_next": False, "has_prev": True,
    }  # fmt: skip
    assert set(page) == {"success", "data", "message", "timestamp", "request_id", "pagination"}
    assert len(cast.bob.get(f"{WHERE}?status=queued&user_id={cast.alice.user.pk}").json()["data"]) == 3
    assert cast.alice.get(f"{WHERE}?status=building").json()["data"] == []
    assert cast.charlie.get(WHERE).json()["data"] == []
    for wrong in ("page=0", "limit=101", "page=x", "status=done", "strange=1"):
        assert cast.alice.get(f"{WHERE}?{wrong}").status_code == 400


def test_a_deleted_project_is_gone_with_its_files(cast, tmp_path):
    project = builds.created(cast.alice)
    one_stage(project)
    one_stage(project)
    assert list(tmp_path.glob("*/*"))
    run = builds.run_of(project)
    assert cast.charlie.client.delete(f"{WHERE}/{project}").status_code == 404
    assert cast.alice.client.delete(f"{WHERE}/{project}").json()["data"] == {"id": project, "deleted": True}
    assert cast.alice.get(f"{WHERE}/{project}").status_code == 404
    assert list(tmp_path.glob("*/*")) == []
    assert engine.runs.get(pk=run.pk).state == "cancelled"


def test_one_key_makes_one_project(cast):
    first, again = (
        cast.alice.post(WHERE, {"requirement": builds.REQUIREMENT}, **{"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.json()["data"] == again.json()["data"]
    assert again["Idempotency-Replayed"] == "true"
    assert BuildProject.objects.count() == 1
