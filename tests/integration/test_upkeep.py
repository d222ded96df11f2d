"""Upkeep: domains' chores, invariants, the doctor."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.db import connection

from nexus import engine
from nexus.upkeep import chores
from tests.support.runs import claimed, spec, submitted, work

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


def test_the_doctor_says_that_no_dispatcher_runs_and_how_to_mend_it(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert ended.value.code == 1
    assert checks["dispatcher"]["ok"] is False
    assert "manage.py dispatcher" in checks["dispatcher"]["fix"]
    assert all(check["ok"] for name, check in checks.items() if name != "dispatcher")
