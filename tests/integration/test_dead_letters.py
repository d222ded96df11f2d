"""Many tasks died of one failure: told as one, mended once, driven again together."""

from __future__ import annotations

import pytest
from django.db import transaction

from nexus import engine
from nexus.deadletters.models import DeadLetter
from tests.support.runs import spec, states, submitted, task, work

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
    assert engine.redrive_group(fingerprint=group.fingerprint, edit=mended, most=1, actor="bob") == 1
    assert [work(run).state for run in runs] == ["completed", "open", "open"]
    assert engine.groups()[0].count == 2
    assert engine.redrive_group(fingerprint=group.fingerprint, edit=mended, actor="bob", reason="mended") == 2
    assert {work(run).state for run in runs} == {"completed"}
    one = task(runs[1], "bad")
    assert (one.input, one.max_attempts, one.priority) == ({"kept": True, "until": 1}, 2, 9)
    assert task(runs[1], "before").attempts.count() == 1
    assert engine.events.of(runs[1].pk).get(kind="task.unparked").data == {"actor": "bob", "reason": "mended"}
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
