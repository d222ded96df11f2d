"""Upkeep: domains' chores, invariants, the doctor."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from billing import pricebook
from billing.models import Budget, Hold
from nexus import engine
from nexus.upkeep import chores
from tests.support.runs import claimed, kinds, spec, submitted, work
from tests.support.spending import charged, reserved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registry(monkeypatch):
    """An empty registry of chores."""
    monkeypatch.setattr(chores, "_registry", {})


def test_a_chore_is_done_at_its_pace_and_its_bug_stops_nobody(registry, caplog):
    done = []

    @engine.chore(every=3600)
    def breaks():
        raise ValueError("a bug")

    @engine.chore(every=3600)
    def counts():
        done.append(1)

    chores.do_chores()
    chores.do_chores()
    assert done == [1]
    assert "breaks failed" in caplog.text


def test_a_healthy_engine_breaks_no_invariant():
    work(submitted(spec("a"), spec("b", after=("a",))))
    submitted(spec("a"), spec("b", after=("a",)))
    claimed(submitted(spec("held")), "held")
    assert [broken for broken in engine.count_broken() if broken.rows] == []


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("UPDATE nexus_run SET open_tasks = open_tasks + 1", "open_totals"),
        ("UPDATE nexus_task SET deps_left = 2 WHERE key = 'b'", "deps_left"),
        ("DELETE FROM nexus_event WHERE seq = 2", "seq_gaps"),
        ("DELETE FROM nexus_lease", "leases"),
    ],
)
def test_damage_is_counted(damage, name):
    claimed(submitted(spec("a"), spec("b", after=("a",))), "a")
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert {broken.name for broken in engine.count_broken() if broken.rows} == {name}


REPAIRS = [
    ("UPDATE nexus_run SET open_tasks = 7", "open_totals"),
    ("UPDATE nexus_task SET deps_left = 2 WHERE key = 'b'", "deps_left"),
    ("UPDATE nexus_task SET ring_at = now() - interval '1 hour' WHERE key = 'a'", "unheard"),
]


@pytest.mark.parametrize(("damage", "name"), REPAIRS)
def test_what_can_be_mended_is_mended_and_told_and_the_run_goes_on(damage, name):
    run = submitted(spec("a"), spec("b", after=("a",)))
    with connection.cursor() as cursor:
        cursor.execute(damage)
    mended = {broken.name: broken for broken in engine.repair_broken()}
    assert (mended[name].rows, mended[name].repaired) == (0, 1)
    assert [broken for broken in engine.count_broken() if broken.rows] == []
    assert engine.events.of(run.pk).get(kind="run.repaired").data["invariant"] == name
    assert engine.repair_broken()[0].repaired == 0
    assert work(run).state == "completed"


def test_a_task_that_waited_for_parents_that_are_done_goes_on():
    run = submitted(spec("a"), spec("b", after=("a",)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_task SET deps_left = 2 WHERE key = 'b'")
    assert work(run).state == "open"
    engine.repair_broken()
    assert work(run).state == "completed"


def test_a_run_that_counts_a_task_too_many_is_closed():
    run = submitted(spec("a"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_run SET open_tasks = 2")
    assert work(run).state == "open"
    engine.repair_broken()
    assert engine.runs.get(pk=run.pk).state == "completed"
    assert kinds(run)[-2:] == ["run.repaired", "run.completed"]


def test_events_of_closed_runs_are_counted_too():
    work(submitted(spec("a")))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM nexus_event WHERE seq = 2")
    assert {broken.name for broken in engine.repair_broken() if broken.rows} == {"seq_gaps"}


def test_money_that_disagrees_is_counted_and_left_alone():
    pricebook.install()
    charged(reserved("1"), "0.25")
    reserved("0.5")  # no request was made for it
    found = {broken.name: broken.rows for broken in engine.count_broken()}
    assert (found["budgets_spent"], found["budgets_reserved"]) == (0, 0)
    assert found["holds_without_request"] == Hold.objects.filter(open=True).count() > 0
    Budget.objects.update(spent=F("spent") + 1, reserved=F("reserved") + 1)
    left = {broken.name: (broken.rows, broken.repaired) for broken in engine.repair_broken()}
    assert left["budgets_spent"] == left["budgets_reserved"] == (Budget.objects.count(), 0)


def test_the_doctor_mends_when_it_is_told_to(capsys):
    submitted(spec("a"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_run SET open_tasks = 7")
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "BAD invariant:open_totals: 1 open runs" in capsys.readouterr().out
    with pytest.raises(SystemExit):  # no dispatcher
        call_command("doctor", "--repair")
    assert "ok  invariant:open_totals: 0 open runs whose" in (said := capsys.readouterr().out)
    assert "1 mended" in said


def test_the_doctor_says_that_no_dispatcher_runs_and_how_to_mend_it(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert ended.value.code == 1
    assert checks["dispatcher"]["ok"] is False
    assert "manage.py dispatcher" in checks["dispatcher"]["fix"]
    assert all(check["ok"] for name, check in checks.items() if name != "dispatcher")
