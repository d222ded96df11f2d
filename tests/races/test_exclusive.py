"""Of all tasks with one exclusive key, one runs at a time: whoever asks, and whoever dies."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from nexus import engine
from nexus.dispatch.dispatcher import dispatch_once
from nexus.execution.runner import deliver
from nexus.leases.models import Lease
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from nexus.tasks.claims import Holder
from nexus.upkeep.rescuer import rescue_once
from tests.support.rivals import Rival
from tests.support.runs import ALICE, claimed, spec, states, submitted, task

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Ending(move="completed", output={})
KEY = "project:7:prompts"


def keyed(count: int = 2, **given: object) -> list[engine.Run]:
    return [submitted(spec("one", exclusive=KEY, **given)) for _ in range(count)]


def test_of_many_workers_that_ask_at_once_one_gets_a_task_of_the_key():
    runs = keyed(8)
    barrier = threading.Barrier(8)

    def asking(number: int) -> object:
        barrier.wait(10)
        if number % 2:
            return transitions.claim_next("nexus.agents", Holder(worker=f"w{number}"))
        return transitions.claim(task(runs[number], "one").pk, Holder(worker=f"w{number}"), in_turn=number % 4 == 0)

    rivals = [Rival(lambda number=number: asking(number)) for number in range(8)]
    for rival in rivals:
        rival.start()
    outcomes = [rival.ended() for rival in rivals]
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert len([one for one in outcomes if one]) == 1
    assert engine.tasks.running().count() == 1


def test_two_that_have_looked_before_either_wrote_do_not_both_run():
    first, second = keyed()
    with transaction.atomic():
        assert transitions.claim(task(first, "one").pk, ALICE)
        late = Rival(lambda: transitions.claim(task(second, "one").pk, ALICE))
        late.start()
        assert late.ended() is None
    assert engine.tasks.running().count() == 1


def test_the_next_one_goes_on_when_the_first_is_settled_with_one_settle_each():
    first, second = keyed()
    held = claimed(first, "one")
    assert transitions.claim_next("nexus.agents", ALICE) is None
    settled = settle(held, DONE, ALICE, go_on=True)
    assert settled.next is not None
    assert settled.next.run_id == second.pk


def test_what_waits_for_a_key_is_not_rung_and_what_has_none_is_not_held_up(valkey_flushed):
    first, second = keyed()
    claimed(first, "one")
    free = submitted(spec("one"), priority=1)
    assert transitions.claim_next("nexus.agents", ALICE).run_id == free.pk
    assert dispatch_once() == 0
    assert task(second, "one").rings == 0


def test_who_was_refused_is_rung_as_soon_as_the_key_is_free(valkey_flushed):
    first, second = keyed()
    assert dispatch_once() == 2
    held = claimed(first, "one")
    assert transitions.claim(task(second, "one").pk, ALICE) is None
    assert dispatch_once() == 0
    settle(held, DONE, ALICE, go_on=False)
    assert dispatch_once() == 1


def test_a_dead_holder_frees_its_key():
    first, second = keyed()
    held = claimed(first, "one")
    Lease.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert transitions.claim(task(second, "one").pk, ALICE) is None
    assert rescue_once() == 1
    assert transitions.claim(task(second, "one").pk, ALICE) is not None
    with pytest.raises(engine.LeaseLost):
        settle(held, DONE, ALICE, go_on=False)


def test_a_worker_does_all_of_one_key_one_after_the_other():
    runs = keyed(5, type="test.answers", input={"answer": "done"})
    deliver(task_id=task(runs[3], "one").pk, queue="nexus.agents", holder=ALICE)
    assert {state for run in runs for state in states(run).values()} == {"completed"}


def test_a_child_with_a_key_takes_it_like_anybody_else():
    other = keyed(1)[0]
    held = claimed(other, "one")
    run = submitted(spec("a"), spec("b", after=("a",), exclusive=KEY))
    first = claimed(run, "a")
    assert settle(first, DONE, ALICE, go_on=True).next is None
    assert states(run)["b"] == "ready"
    assert settle(held, DONE, ALICE, go_on=True).next.run_id == run.pk


def test_the_index_refuses_what_no_guard_has():
    first, second = keyed()
    claimed(first, "one")
    with pytest.raises(Exception, match="task_runs_alone_with_its_key"), connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_task SET state = 'running' WHERE id = %s", [task(second, "one").pk])
