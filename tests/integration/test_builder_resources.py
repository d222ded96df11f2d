"""What builds stand on: tables with every field, queues with their limits, commands that make, list and clear them."""

from __future__ import annotations

import io
import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import override_settings

from agents.models import Role
from apps.builder import resources
from apps.builder.models import BuildProject, Invocation
from nexus import engine
from tests.support import builds, runs
from tests.support.people import a_cast
from tests.support.stories import models_answered

pytestmark = pytest.mark.django_db(transaction=True)

INDEXES = {
    "builder.BuildProject": {("user_id", "-created_at"), ("tenant", "-created_at", "-id")},
    "builder.Agent": {("project", "-created_at"), ("status", "-created_at"), ("category", "-created_at")},
    "builder.Invocation": {("agent", "-created_at"), ("session_id", "-created_at")},
    "builder.Job": {("project", "-created_at"), ("kind", "-created_at")},
    "agents.Session": {("role", "-last_active_at"), ("starter", "-last_active_at")},
    "agents.RegisteredTool": {("category", "-uses"), ("source", "-created_at")},
}
"""What each table is asked by, and in which order."""


@pytest.fixture
def cast(tmp_path):
    with models_answered(), override_settings(NEXUS_WORKSPACES=str(tmp_path)):
        yield a_cast()


def init(**given):
    said = io.StringIO()
    call_command("init_resources", as_json=True, stdout=said, stderr=io.StringIO(), **given)
    return {one["name"]: one["rows"] for one in json.loads(said.getvalue())["resources"]}


def test_a_build_is_one_task_per_stage_on_its_queue_with_its_limits(cast):
    project = builds.created(cast.alice, priority=4)
    tasks = {task.key: task for task in engine.tasks.of(builds.run_of(project).pk)}
    assert len(tasks) == 11
    stages = [task for key, task in tasks.items() if key not in ("agent_deployer", "notice")]
    assert {(task.queue, task.timeout, task.max_attempts) for task in stages} == {("nexus.build", 3600.0, 3)}
    deploy = tasks["agent_deployer"]
    assert (deploy.queue, deploy.timeout, deploy.max_attempts) == ("nexus.deploy", 600.0, 3)
    assert tasks["notice"].queue == "nexus.notify"
    assert {task.priority for task in tasks.values()} == {7}
    jobs = {job["task_type"]: job for job in cast.alice.get(f"{builds.WHERE}/{project}/tasks").json()["data"]}
    assert set(jobs["build_agent"]["payload"]) == {"task_id", "project_id", "requirement", "user_id", "priority"}
    assert set(jobs["deploy_agent"]["payload"]) == {"task_id", "project_id", "deployment_config"}
    assert (jobs["build_agent"]["status"], jobs["deploy_agent"]["status"]) == ("queued", "pending")


@pytest.mark.parametrize("label", INDEXES)
def test_every_question_of_the_tables_has_its_index(label):
    there = {tuple(index.fields) for index in apps.get_model(label)._meta.indexes}
    assert INDEXES[label] <= there


def test_resources_are_made_and_listed_as_often_as_one_likes(cast):
    Role.objects.filter(name="ceo").delete()
    builds.created(cast.alice)
    for _ in range(2):
        found = init()
    assert set(found) == {*resources.TABLES, *resources.QUEUES, "nexus.dead"}
    assert (found["projects"], found["stages"], found["nexus.build"]) == (1, 9, 1)
    assert Role.objects.filter(name="ceo").exists()
    assert init(shows=True) == found


def test_clearing_takes_everything_of_builds_and_asks_first(cast, tmp_path):
    project = builds.created(cast.alice)
    runs.work(builds.run_of(project), most=2)
    assert list(tmp_path.glob("*/*"))
    builds.asked(cast.alice, builds.an_agent(cast.acme, tools=(builds.TOOL,)))
    roles = Role.objects.count()
    with pytest.raises(CommandError, match="--yes"):
        init(clean=True)
    assert BuildProject.objects.count() == 1
    found = init(clean=True, yes=True)
    assert (found["projects"], found["stages"], found["agents"], found["invocations"], found["tasks"]) == (0,) * 5
    assert Invocation.objects.count() == 0
    assert Role.objects.count() == roles - 1
    assert list(tmp_path.glob("*/*")) == []
