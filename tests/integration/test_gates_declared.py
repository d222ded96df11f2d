"""Gates that tasks are written with: nobody runs them before people agree."""

from __future__ import annotations

import pytest
from django.db import transaction

from nexus import engine
from nexus.gates.ask import open_gates
from nexus.tasks import transitions
from tests.support.engine_facts import check_promises
from tests.support.gates import say
from tests.support.runs import ALICE, kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)
GATE = engine.Gate(message="May it run?")


def test_a_task_that_waits_for_nothing_is_asked_about_at_once():
    run = submitted(spec("one", gate=GATE, input={"say": "hello"}), spec("two", after=("one",)))
    assert states(run) == {"one": "waiting_approval", "two": "pending"}
    approval = engine.approvals.waiting().get(run=run)
    assert (approval.content, approval.message, approval.declared) == ({"say": "hello"}, "May it run?", True)
    assert approval.allows == ["approve", "edit_and_approve", "reject", "respond"]
    assert transitions.claim(task(run, "one").pk, ALICE) is None
    assert transitions.claim_next("nexus.agents", ALICE) is None
    say(approval)
    assert work(run).state == "completed"
    assert task(run, "one").attempts.count() == 1
    assert "task.started" not in kinds(run)[: kinds(run).index("approval.decided")]
    check_promises()


def test_one_that_waits_for_parents_is_asked_about_when_they_are_done_and_never_free_in_between():
    run = submitted(spec("one"), spec("two", gate=GATE, after=("one",)), spec("three", after=("two",)))
    assert open_gates() == 0
    work(run)
    assert states(run) == {"one": "completed", "two": "pending", "three": "pending"}
    assert (open_gates(), open_gates()) == (1, 0)
    assert states(run)["two"] == "waiting_approval"
    say(engine.approvals.waiting().get(run=run))
    assert work(run).state == "completed"
    check_promises()


def test_an_edit_is_what_the_task_gets():
    run = submitted(spec("one", gate=GATE, input={"say": "hello", "and": 1}))
    say(engine.approvals.get(run=run), "edit_and_approve", content={"say": "goodbye"})
    work(run)
    assert task(run, "one").input == {"say": "goodbye"}
    assert task(run, "one").output["said"] == "goodbye"


def test_a_no_ends_it_before_it_ran():
    run = submitted(spec("one", gate=GATE), spec("two", after=("one",)))
    say(engine.approvals.get(run=run), "reject", reason="no")
    assert engine.runs.get(pk=run.pk).state == "cancelled"
    assert task(run, "one").attempts.count() == 0


def test_what_a_task_draws_may_have_a_gate_too():
    drawn = {"key": "drawn", "type": "test.echo", "after": ["one"], "gate": GATE}
    run = submitted(spec("one"))
    held = transitions.claim(task(run, "one").pk, ALICE)
    assert held is not None
    from nexus.execution import handlers
    from nexus.settlement.settle import Ending, settle

    specs = handlers.resolved([engine.TaskSpec(**{**drawn, "after": ("one",)})])
    settle(held, Ending(move="completed", output={}, then=specs), ALICE, go_on=True)
    assert states(run) == {"one": "completed", "drawn": "pending"}
    open_gates()
    say(engine.approvals.get(run=run))
    assert work(run).state == "completed"


def test_a_gate_of_a_cancelled_run_never_opens():
    run = submitted(spec("one"), spec("two", gate=GATE, after=("one",)))
    engine.cancel(run_id=run.pk)
    assert open_gates() == 0
    assert not engine.approvals.exists()
    check_promises()


def test_it_is_asked_once_however_often_the_task_is_tried():
    run = submitted(spec("one", "test.fails", gate=GATE, max_attempts=1, input={"until": 1}))
    approval = engine.approvals.get(run=run)
    say(approval, "edit_and_approve", content={"until": 9})
    work(run)
    assert states(run) == {"one": "failed"}
    engine.redrive(task_id=task(run, "one").pk)
    work(run)
    assert open_gates() == 0
    assert engine.approvals.filter(run=run).count() == 1


def test_with_its_caller_or_not_at_all():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        engine.submit(tenant="acme", subject="x", tasks=[spec("one", gate=GATE)])
        raise ZeroDivisionError
    assert not engine.approvals.exists()
