"""Upkeep: domains' chores, invariants, the doctor."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from billing import budgets, pricebook
from billing.models import Budget, Hold, LedgerEntry
from nexus import engine
from nexus.settlement.settle import Ending, settle
from nexus.upkeep import chores
from nexus.upkeep.rescuer import rescue_once
from tests.support.runs import ALICE, claimed, kinds, spec, submitted, work
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


def test_a_task_that_runs_without_a_lease_is_rescued_and_tried_again():
    run = submitted(spec("a", max_attempts=2))
    held = claimed(run, "a")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM nexus_lease")
    assert rescue_once() == 0
    mended = {broken.name: broken for broken in engine.repair_broken()}
    assert (mended["leases"].rows, mended["leases"].repaired) == (0, 1)
    assert rescue_once() == 1
    with pytest.raises(engine.LeaseLost):
        settle(held, Ending(move="completed", output={}), ALICE, go_on=False)
    engine.tasks.filter(run_id=run.pk).update(not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"
    assert kinds(run).count("task.started") == 2


def test_a_lease_of_nobody_is_taken_away():
    run = submitted(spec("a"), spec("b", after=("a",)))
    claimed(run, "a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_lease SET fence = fence + 1")
    engine.repair_broken()
    assert [broken for broken in engine.count_broken() if broken.rows] == []
    assert rescue_once() == 1


def test_a_run_in_which_nothing_is_open_is_closed_and_one_that_only_says_so_is_not():
    over, under_way = work(submitted(spec("a"))), submitted(spec("a"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_run SET open_tasks = 0, state = 'open', finished_at = NULL")
    assert broken_now() == {"nothing_open", "open_totals"}
    engine.repair_broken()
    assert broken_now() == set()
    assert engine.runs.get(pk=over.pk).state == "completed"
    assert (engine.runs.get(pk=under_way.pk).state, engine.runs.get(pk=under_way.pk).open_tasks) == ("open", 1)
    assert kinds(over)[-2:] == ["run.repaired", "run.completed"]


def broken_now() -> set[str]:
    return {broken.name for broken in engine.count_broken() if broken.rows}


def test_a_limit_that_is_born_with_what_was_spent_breaks_nothing():
    pricebook.install()
    charged(reserved("1"), "0.25")
    for kind, key in (("role", "ceo"), ("day", str(LedgerEntry.objects.get().day)), ("order", "WO-1")):
        budgets.set_limit(kind=kind, key=key, limit=Decimal(5))
    assert Budget.objects.get(kind="role").spent == Decimal("0.25")
    charged(reserved("1"), "0.5")
    assert broken_now() == set()
    Budget.objects.filter(kind="role").update(spent=0)
    assert broken_now() == {"budgets_spent"}


def test_money_that_is_held_for_nothing_is_let_go_and_what_was_spent_is_left_alone():
    pricebook.install()
    charged(reserved("1"), "0.25")
    reserved("0.5")  # no request was made for it
    found = {broken.name: broken.rows for broken in engine.count_broken()}
    assert (found["budgets_spent"], found["budgets_reserved"]) == (0, 0)
    assert found["holds_without_request"] == Hold.objects.filter(open=True).count() > 0
    Budget.objects.update(spent=F("spent") + 1, reserved=F("reserved") + 1)
    left = {broken.name: (broken.rows, broken.repaired) for broken in engine.repair_broken()}
    assert left["budgets_spent"] == (Budget.objects.count(), 0)
    assert left["budgets_reserved"] == (0, Budget.objects.count())
    assert left["holds_without_request"] == (0, 1)
    assert set(Budget.objects.values_list("reserved", flat=True)) == {Decimal(0)}
    assert not Hold.objects.filter(open=True).exists()


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
