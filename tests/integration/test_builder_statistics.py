"""Counts are of rows: builds, agents and invocations, by day and in all, of the caller's projects alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from agents import roles
from apps.builder.beginning import new_id
from apps.builder.models import BuildProject, Invocation
from billing import pricebook
from nexus import engine
from tests.support import builds
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db(transaction=True)
WHERE = "/api/v2/statistics"


@pytest.fixture
def cast(tmp_path):
    from django.db import transaction

    with override_settings(NEXUS_WORKSPACES=str(tmp_path)), transaction.atomic():
        roles.install()
        pricebook.install()
    return a_cast()


def read(person, what):
    answer = person.get(f"{WHERE}/{what}")
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def was_asked(agent, *, status="success", ms=100, ago=timedelta()):
    row = Invocation.objects.create(
        public_id=new_id("inv"), agent=agent, input_text="x", status=status, duration_ms=ms,
        error_message="" if status == "success" else "why", run_id=Invocation.objects.count() + 1,
    )  # fmt: skip
    Invocation.objects.filter(pk=row.pk).update(created_at=timezone.now() - ago)


def completed(person, minutes):
    project = builds.created(person)
    row = BuildProject.objects.get(public_id=project)
    engine.runs.filter(pk=row.run_id).update(state="completed", finished_at=Now())
    ended = timezone.now()
    BuildProject.objects.filter(pk=row.pk).update(
        started_at=ended - timedelta(minutes=minutes), completed_at=ended
    )  # fmt: skip


def test_nothing_is_counted_where_there_is_nothing(cast):
    assert read(cast.alice, "overview") == {
        "total_projects": 0, "building_projects": 0, "completed_projects": 0, "failed_projects": 0, "total_agents": 0,
        "running_agents": 0, "total_invocations": 0, "today_invocations": 0, "success_rate": 0.0,
        "avg_build_time_minutes": None,
    }  # fmt: skip
    days = read(cast.alice, "builds?days=3")
    assert [day["total_builds"] for day in days] == [0, 0, 0]
    assert [day["avg_duration_ms"] for day in read(cast.alice, "invocations")] == [None] * 7


def test_the_overview_counts_what_there_is(cast):
    completed(cast.alice, 4)
    completed(cast.alice, 8)
    failed = BuildProject.objects.get(public_id=builds.created(cast.alice))
    engine.runs.filter(pk=failed.run_id).update(state="failed", finished_at=Now())
    builds.created(cast.alice)
    agent = builds.an_agent(cast.acme)
    was_asked(agent)
    was_asked(agent, ago=timedelta(days=2))
    assert read(cast.alice, "overview") == {
        "total_projects": 4, "building_projects": 0, "completed_projects": 2, "failed_projects": 1, "total_agents": 1,
        "running_agents": 1, "total_invocations": 2, "today_invocations": 1, "success_rate": 66.67,
        "avg_build_time_minutes": 6.0,
    }  # fmt: skip
    assert read(cast.charlie, "overview")["total_projects"] == 0
    (*before, today) = read(cast.alice, "builds?days=2")
    assert [day["total_builds"] for day in before] == [0]
    assert today == {
        "date": timezone.localdate().isoformat(), "total_builds": 4, "successful_builds": 2, "failed_builds": 1,
        "in_progress_builds": 1, "avg_duration_minutes": 6.0,
    }  # fmt: skip


def test_invocations_are_counted_by_day_oldest_first(cast):
    agent, other = builds.an_agent(cast.acme), builds.an_agent(cast.acme, name="other")
    was_asked(agent, ms=100)
    was_asked(agent, ms=300, status="failed")
    was_asked(other, ms=200)
    was_asked(agent, ms=50, ago=timedelta(days=1))
    was_asked(agent, ago=timedelta(days=30))
    days = read(cast.alice, "invocations?days=7")
    assert [day["date"] for day in days] == sorted(day["date"] for day in days)
    assert days[-1] == {
        "date": timezone.localdate().isoformat(), "total_invocations": 3, "successful_invocations": 2,
        "failed_invocations": 1, "avg_duration_ms": 200.0, "active_agents": 2,
    }  # fmt: skip
    assert [day["total_invocations"] for day in days] == [0, 0, 0, 0, 0, 1, 3]
    assert {day["total_invocations"] for day in read(cast.charlie, "invocations")} == {0}
    (first, second) = read(cast.alice, "top-agents?days=90")
    assert (first["agent_id"], first["invocations"], first["success_rate"]) == (agent.public_id, 4, 75.0)
    assert second["agent_id"] == other.public_id
    assert read(cast.charlie, "top-agents") == []


def test_agents_are_counted_by_category(cast):
    builds.an_agent(cast.acme)
    builds.an_agent(cast.acme, name="off", category="writing", status="offline")
    assert read(cast.alice, "agent-categories") == [
        {"category": "analysis", "agents": 1, "running_agents": 1},
        {"category": "writing", "agents": 1, "running_agents": 0},
    ]


def test_what_happened_last_is_told_first(cast):
    agent = builds.an_agent(cast.acme)
    project = builds.created(cast.alice)
    was_asked(agent)
    told = read(cast.alice, "recent-activities?limit=5")
    assert [(one["type"], one["status"]) for one in told] == [("invocation", "success"), ("build", "queued")]
    assert told[1]["id"] == project
    assert len(read(cast.alice, "recent-activities?limit=1")) == 1
    assert read(cast.charlie, "recent-activities") == []


@pytest.mark.parametrize(("good", "bad", "status"), [(9, 1, "healthy"), (6, 4, "degraded"), (4, 6, "warning")])
def test_health_is_what_a_days_invocations_say(cast, good, bad, status):
    with engine_seen():
        agent = builds.an_agent(cast.acme)
        for _ in range(good):
            was_asked(agent)
        for _ in range(bad):
            was_asked(agent, status="failed")
        assert read(cast.alice, "system-health")["status"] == status


def test_without_a_dispatcher_health_is_critical(cast):
    told = read(cast.alice, "system-health")
    assert (told["status"], told["dispatcher"]) == ("critical", "down")


def engine_seen():
    from contextlib import contextmanager

    from nexus.dispatch.models import Dispatcher

    @contextmanager
    def seen():
        Dispatcher.objects.create(name="one", seen_at=timezone.now())
        yield

    return seen()


@pytest.mark.parametrize("wrong", ["builds?days=0", "builds?days=91", "invocations?days=x", "overview?days=1"])
def test_figures_that_nobody_has_are_refused(cast, wrong):
    assert cast.alice.get(f"{WHERE}/{wrong}").status_code == 400
