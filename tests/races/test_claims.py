"""Many workers want the same work."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from nexus import engine
from nexus.errors import IllegalMove
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from nexus.tasks.claims import Holder
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import ALICE, claimed, kinds, spec, states, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def at_a_barrier(count: int, act) -> list:
    """Have `count` rivals act at the same moment; return what came of each."""
    barrier = threading.Barrier(count)

    def acting(number: int):
        barrier.wait(10)
        return act(number)

    rivals = [Rival(lambda number=number: acting(number)) for number in range(count)]
    for rival in rivals:
        rival.start()
    return [rival.ended() for rival in rivals]


def test_one_of_many_takes_a_task():
    run = submitted(spec("one"))
    only = engine.tasks.of(run.pk).get()
    taken = at_a_barrier(8, lambda number: transitions.claim(only.pk, Holder(worker=f"w{number}")))
    assert [held.fence for held in taken if held] == [1]
    assert engine.tasks.get(pk=only.pk).attempts.count() == 1


def test_a_queue_hands_out_each_task_once():
    for _ in range(12):
        submitted(spec("one"))
    taken = at_a_barrier(
        8, lambda number: [transitions.claim_next("nexus.agents", Holder(worker="w")) for _ in range(4)]
    )
    held = [one.task_id for batch in taken for one in batch if one]
    assert len(held) == len(set(held))
    while one := transitions.claim_next("nexus.agents", ALICE):
        held.append(one.task_id)
    assert len(held) == len(set(held)) == 12


def test_as_many_bells_as_tasks_begin_every_task_whoever_takes_which():
    run = submitted(*(spec(f"t{number}") for number in range(12)))
    tasks = list(engine.tasks.of(run.pk).order_by("-id").values_list("id", flat=True))
    taken = at_a_barrier(12, lambda number: transitions.claim(tasks[number], Holder(worker=f"w{number}"), in_turn=True))
    assert sorted(held.task_id for held in taken if held) == sorted(tasks)


def test_the_highest_priority_goes_first_then_the_oldest():
    for priority in (5, 5, 9, 1, 9):
        submitted(spec("one"), priority=priority)
    taken = [transitions.claim_next("nexus.agents", ALICE) for _ in range(5)]
    assert [(held.priority, held.task_id) for held in taken] == sorted(
        ((held.priority, held.task_id) for held in taken), key=lambda one: (-one[0], one[1])
    )


def test_a_cancel_and_a_settle_leave_one_ending():
    run = submitted(spec("one"), spec("two", after=("one",)))
    held = claimed(run, "one")
    settling = Rival(lambda: settle(held, Ending(move="completed", output={}), ALICE, go_on=False))
    cancelling = Rival(lambda: engine.cancel(run_id=run.pk, actor="bob"))
    with transaction.atomic():
        transitions.lock_run(run.pk)
        settling.start()
        cancelling.start()
        wait_until_blocked()
    assert settling.ended().verdict == "settled"
    assert cancelling.ended() is None
    assert states(run)["two"] == "cancelled"
    assert [kind for kind in kinds(run) if kind.startswith("run.")][-1] == "run.cancelled"
    with pytest.raises(IllegalMove):
        engine.cancel(run_id=run.pk)


def test_nobody_claims_from_a_paused_run():
    run = submitted(spec("one"))
    engine.pause(run_id=run.pk)
    only = engine.tasks.of(run.pk).get()
    assert transitions.claim(only.pk, ALICE) is None
    assert transitions.claim_next("nexus.agents", ALICE) is None
    engine.resume(run_id=run.pk)
    assert claimed(run, "one").fence == 1
