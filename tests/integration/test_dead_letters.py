"""Many tasks died of one failure: told as one, mended once, driven again together."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from nexus import engine
from nexus.deadletters.models import DeadLetter
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


def dead(tenant: str = "acme", type: str = "test.fails", **given) -> engine.Run:
    """A run whose first task is completed and whose second is dead."""
    specs = (spec("before"), spec("bad", type, max_attempts=1, after=("before",), **given))
    with transaction.atomic():
        run = engine.submit(tenant=tenant, subject="WO-TEST", tasks=specs)
    return work(run)


def test_letters_of_one_failure_are_one_group():
    for _ in range(3):
        dead()
    dead(type="test.answers", input={"answer": "refused"})
    most, other = engine.groups()
    assert (most.count, most.types, most.error["code"]) == (3, ["test.fails"], "handler_error")
    assert most.first_at < most.last_at
    assert (other.count, other.types, other.error["code"]) == (1, ["test.answers"], "no")


def test_a_group_is_seen_and_driven_within_its_tenants():
    ours, theirs = dead("acme"), dead("umbra")
    (group,) = engine.groups(tenants=["acme"])
    assert (group.count, engine.groups(tenants=[])) == (1, [])
    assert engine.redrive_group(fingerprint=group.fingerprint, tenants=["acme"]) == 1
    assert (states(ours)["bad"], states(theirs)["bad"]) == ("pending", "failed")
    with pytest.raises(engine.NotThere):
        engine.redrive_group(fingerprint=group.fingerprint, tenants=["acme"])


def test_edited_once_one_is_tried_first_and_then_the_others_with_finished_steps_kept():
    runs = [dead(input={"kept": True}) for _ in range(3)]
    (group,) = engine.groups()
    mended = engine.Edit(input={"until": 1}, max_attempts=2, priority=9)
    with transaction.atomic():
        first = engine.redrive_one(fingerprint=group.fingerprint, edit=mended, actor="bob")
    assert first == task(runs[0], "bad").pk
    assert [work(run).state for run in runs] == ["completed", "open", "open"]
    assert engine.groups()[0].count == 2
    assert engine.redrive_group(fingerprint=group.fingerprint, edit=mended, actor="bob", reason="mended") == 2
    assert {work(run).state for run in runs} == {"completed"}
    one = task(runs[1], "bad")
    assert (one.input, one.max_attempts, one.priority) == ({"kept": True, "until": 1}, 2, 9)
    assert task(runs[1], "before").attempts.count() == 1
    said = engine.events.of(runs[1].pk).get(kind="task.redriven").data
    assert said.pop("changed") == {"max_attempts": 2, "priority": 9, "input": ["until"]}
    assert said == {"actor": "bob", "reason": "mended"}
    assert not DeadLetter.objects.filter(raised_at__isnull=True).exists()


def test_what_ended_is_in_no_group():
    engine.cancel(run_id=dead().pk)
    fast = submitted(spec("bad", "test.fails", max_attempts=1), on_failure="fail")
    assert work(fast).state == "failed"
    assert engine.groups() == []


@pytest.mark.parametrize("wrong", [{"max_attempts": 0}, {"priority": 11}])
def test_an_edit_that_no_task_could_have_is_refused(wrong):
    with pytest.raises(ValueError, match="between"):
        engine.Edit(**wrong)


def redriven_one(**given) -> int:
    with transaction.atomic():
        return engine.redrive_one(fingerprint=engine.groups()[0].fingerprint, **given)


def test_one_that_is_tried_is_undone_with_its_callers_transaction():
    run = dead()
    (group,) = engine.groups()
    with pytest.raises(RuntimeError, match="its caller's transaction"):
        engine.redrive_one(fingerprint=group.fingerprint)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        engine.redrive_one(fingerprint=group.fingerprint)
        raise ZeroDivisionError
    assert (states(run)["bad"], engine.groups()[0].count) == ("failed", 1)
    redriven_one()
    assert (states(run)["bad"], engine.groups()) == ("pending", [])


def test_two_who_try_one_at_the_same_moment_drive_two_different_tasks():
    first, second = dead(), dead()
    with transaction.atomic():
        ours = engine.redrive_one(fingerprint=engine.groups()[0].fingerprint)
        rival = Rival(redriven_one)
        rival.start()
        wait_until_blocked()
    driven = [ours, rival.ended()]
    assert sorted(driven) == sorted(task(run, "bad").pk for run in (first, second))
    assert [kinds(run).count("task.redriven") for run in (first, second)] == [1, 1]


def test_the_rest_is_driven_at_a_pace():
    runs = [dead() for _ in range(4)]
    (group,) = engine.groups()
    before = timezone.now()
    assert engine.redrive_group(fingerprint=group.fingerprint, rate=30, edit=engine.Edit(input={"until": 1})) == 4
    due = [(task(run, "bad").not_before - before).total_seconds() for run in runs]
    assert [round(seconds / 2) for seconds in due] == [0, 1, 2, 3]
    assert [work(run).state for run in runs] == ["completed", "open", "open", "open"]
    assert engine.why(task(runs[3], "bad"), run=runs[3]).startswith("Starts at ")


@pytest.mark.parametrize("rate", [0, 6001])
def test_a_pace_that_is_none_is_refused_and_drives_nothing(rate):
    run = dead()
    with pytest.raises(ValueError, match="between 1 and 6000"):
        engine.redrive_group(fingerprint=engine.groups()[0].fingerprint, rate=rate)
    assert states(run)["bad"] == "failed"


def test_what_a_domain_changes_beside_a_task_commits_with_it():
    run, refused = dead(), dead()

    def beside(one):
        if one.run_id == refused.pk:
            raise engine.IllegalMove("not this one")
        engine.tell(run_id=one.run_id, kind="test.beside", data={})

    assert engine.redrive_group(fingerprint=engine.groups()[0].fingerprint, beside=beside) == 1
    assert (states(run)["bad"], states(refused)["bad"]) == ("pending", "failed")
    assert [kinds(one).count("test.beside") for one in (run, refused)] == [1, 0]
