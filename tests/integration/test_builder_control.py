"""What a project is told: pause, resume, stop, restart; and what becomes of work that was under way."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import override_settings

from agents.models import ModelRequest
from apps.builder.stages import DEFAULT_ORDER
from nexus import engine
from nexus.execution import runner
from tests.support import builds, runs
from tests.support.builds import WHERE
from tests.support.people import a_cast
from tests.support.rivals import wait_for
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


@contextmanager
def under_way(project, stage, sandbox):
    """While the model is still writing for this stage."""
    sandbox.script(match={"contains": f'kind="{stage}"'}, latency_ms=800)
    held = runs.claimed(builds.run_of(project), stage)

    def work():
        try:
            runner.run_one(held, holder=runs.ALICE)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    wait_for(lambda: ModelRequest.objects.filter(state="SENT").exists(), what="the model to be asked")
    yield
    worker.join(30)
    assert not worker.is_alive()


def test_a_pause_lets_the_stage_end_and_holds_the_next(cast, sandbox):
    project = builds.created(cast.alice)
    for _ in range(3):
        one_stage(project)
    with under_way(project, "system_architecture", sandbox):
        paused = tell(cast.alice, project, "pause", reason="lunch")
        assert (paused.status_code, paused.json()["data"]["status"]) == (200, "paused")
        assert stages_of(cast.alice, project)["system_architecture"] == "running"
    assert stages_of(cast.alice, project)["system_architecture"] == "completed"
    builds.built(project)
    assert stages_of(cast.alice, project)["agent_design"] == "pending"
    assert builds.run_of(project).paused_at is not None
    assert tell(cast.alice, project, "pause").json()["code"] == "illegal_move"
    resumed = tell(cast.alice, project, "resume")
    assert resumed.json()["data"]["status"] == "building"
    builds.built(project)
    assert builds.look(cast.alice, project)["status"] == "completed"
    assert engine.tasks.filter(run_id=builds.run_of(project).pk).count() == len(DEFAULT_ORDER) + 2


def test_a_pause_before_anything_has_begun_holds_everything(cast):
    project = builds.created(cast.alice)
    tell(cast.alice, project, "pause")
    builds.built(project)
    assert set(stages_of(cast.alice, project).values()) == {"pending"}
    tell(cast.alice, project, "resume")
    assert builds.look(cast.alice, project)["status"] == "queued"
    for _ in range(2):
        one_stage(project)
    assert stages_of(cast.alice, project)["orchestrator"] == "completed"


@pytest.mark.parametrize("action", ["stop", "cancel"])
def test_what_is_stopped_is_cancelled_and_goes_on_only_by_a_restart(cast, action):
    project = builds.created(cast.alice)
    one_stage(project)
    stopped = tell(cast.alice, project, action).json()["data"]
    assert stopped["status"] == "cancelled"
    assert stopped["completed_at"] is not None
    for refused in ("pause", "resume", "stop", "cancel"):
        assert tell(cast.alice, project, refused).status_code == 409
    builds.built(project)
    assert "completed" not in stages_of(cast.alice, project).values()
    assert tell(cast.alice, project, "restart").json()["data"]["status"] == "queued"
    for _ in range(2):
        one_stage(project)
    assert stages_of(cast.alice, project)["orchestrator"] == "completed"


def test_a_restart_does_that_stage_and_all_later_ones_again(cast):
    project = builds.created(cast.alice)
    builds.built(project)
    before = {stage["stage_name"]: stage for stage in builds.look(cast.alice, project, "/stages")}
    agent = cast.alice.get("/api/v2/agents").json()["data"][0]
    again = tell(cast.alice, project, "restart", from_stage="prompt_engineer", reason="another tone").json()["data"]
    assert (again["status"], again["progress"], again["restarts"]) == ("queued", 55.6, 1)
    cleared = {stage["stage_name"]: stage for stage in builds.look(cast.alice, project, "/stages")}
    place = DEFAULT_ORDER.index("prompt_engineer")
    for name in DEFAULT_ORDER[:place]:
        assert cleared[name] == before[name]
    for name in DEFAULT_ORDER[place:]:
        assert (cleared[name]["status"], cleared[name]["output_data"], cleared[name]["input_tokens"]) == (
            "pending",
            {},
            0,
        )
    builds.built(project)
    (same,) = cast.alice.get("/api/v2/agents").json()["data"]
    assert (same["agent_id"], same["version"]) == (agent["agent_id"], "1.1.0")
    kinds = [job["task_type"] for job in cast.alice.get(f"{WHERE}/{project}/tasks").json()["data"]]
    assert sorted(kinds) == ["build_agent", "build_agent", "deploy_agent", "deploy_agent"]


def test_a_stop_lets_the_model_call_end_and_nothing_after_it(cast, sandbox):
    project = builds.created(cast.alice)
    one_stage(project)
    with under_way(project, "orchestrator", sandbox):
        assert tell(cast.alice, project, "stop").json()["data"]["status"] == "cancelled"
    assert ModelRequest.objects.filter(state="SETTLED", call__task_key="orchestrator").count() == 1
    assert stages_of(cast.alice, project)["orchestrator"] == "pending"
    assert builds.run_of(project).state == "cancelled"


def test_what_an_earlier_run_made_is_dropped_after_a_restart(cast, sandbox):
    project = builds.created(cast.alice)
    one_stage(project)
    old = builds.run_of(project)
    with under_way(project, "orchestrator", sandbox):
        tell(cast.alice, project, "stop")
        tell(cast.alice, project, "restart")
    assert stages_of(cast.alice, project)["orchestrator"] == "pending"
    assert engine.runs.get(pk=old.pk).state == "cancelled"
    for _ in range(2):
        one_stage(project)
    assert stages_of(cast.alice, project)["orchestrator"] == "completed"


def test_a_stage_that_dies_fails_the_project_and_can_be_driven_again(cast, sandbox):
    sandbox.script(times=None, match={"contains": 'kind="agent_design"'}, status=400)
    project = builds.created(cast.alice)
    builds.built(project)
    shown = builds.look(cast.alice, project)
    assert (shown["status"], shown["error_info"]["stage"]) == ("failed", "agent_design")
    failed = next(one for one in builds.look(cast.alice, project, "/stages") if one["status"] == "failed")
    assert failed["error_message"]
    assert [line["level"] for line in failed["logs"]][-1] == "error"
    assert len(cast.alice.get("/api/v2/dead-letters").json()["results"]) == 1
    sandbox.forget_scenarios()
    assert tell(cast.alice, project, "restart").json()["data"]["progress"] == 33.3
    one_stage(project)
    assert stages_of(cast.alice, project)["agent_design"] == "completed"


def test_what_is_told_within_its_limits(cast):
    project = builds.created(cast.alice)
    assert tell(cast.alice, project, "explode").status_code == 400
    assert tell(cast.alice, project, "pause", reason="x" * 501).status_code == 400
    assert tell(cast.alice, project, "pause", from_stage="orchestrator").status_code == 400
    tell(cast.alice, project, "stop")
    unknown = tell(cast.alice, project, "restart", from_stage="nowhere")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "stage_unknown")
    aliased = tell(cast.alice, project, "restart", from_stage="requirements_analyzer")
    assert aliased.status_code == 200
