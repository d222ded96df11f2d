"""A worker that slept past its lease comes back."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from nexus import engine
from nexus.errors import LeaseLost
from nexus.execution import runner
from nexus.leases.renew import renew
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from nexus.upkeep.rescuer import rescue_once
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import ALICE, MALLORY, claimed, spec, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)
DONE = Ending(move="completed", output={"by": "mallory"})


def lease_runs_out(run: engine.Run) -> None:
    """Let the database clock pass the end of every lease of the run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE nexus_lease SET expires_at = now() - interval '1 hour' WHERE task_id IN"
            " (SELECT id FROM nexus_task WHERE run_id = %s)", [run.pk]
        )  # fmt: skip


def test_is_refused_once_the_task_was_taken_again():
    run = submitted(spec("one"))
    late = claimed(run, "one", MALLORY)
    lease_runs_out(run)
    assert rescue_once() == 1
    engine.tasks.filter(pk=late.task_id).update(not_before="2000-01-01T00:00Z")
    with transaction.atomic():
        transitions.lock_run(run.pk)
        assert transitions.make_ready(run.pk, [late.task_id]) == 1
    held = claimed(run, "one", ALICE)

    with pytest.raises(LeaseLost):
        settle(late, DONE, MALLORY, go_on=False)

    assert (held.fence, task(run, "one").state, task(run, "one").output) == (late.fence + 1, "running", None)
    settle(held, Ending(move="completed", output={"by": "alice"}), ALICE, go_on=False)
    assert task(run, "one").output == {"by": "alice"}


def test_is_refused_by_the_row_it_waited_for():
    """The guard is on the task's own row: what changed while we waited for it is seen."""
    run = submitted(spec("one"))
    late = claimed(run, "one", MALLORY)
    rival = Rival(lambda: settle(late, DONE, MALLORY, go_on=False))
    with transaction.atomic():
        transitions.lock_run(run.pk)
        engine.tasks.filter(pk=late.task_id).update(fence=late.fence + 1)
        rival.start()
        wait_until_blocked()
    assert isinstance(rival.ended(), LeaseLost)
    assert task(run, "one").state == "running"


def test_cannot_extend_a_lease_that_ran_out():
    run = submitted(spec("one"))
    late = claimed(run, "one", MALLORY)
    assert [one.task_id for one in renew([(late.task_id, late.fence)])] == [late.task_id]
    lease_runs_out(run)
    assert renew([(late.task_id, late.fence)]) == []


def test_two_rescuers_end_one_lease_once():
    run = submitted(spec("one", max_attempts=3))
    claimed(run, "one", MALLORY)
    lease_runs_out(run)
    with transaction.atomic():
        transitions.lock_run(run.pk)
        rivals = [Rival(rescue_once) for _ in range(2)]
        for rival in rivals:
            rival.start()
        wait_until_blocked()
    assert sorted(rival.ended() for rival in rivals) == [0, 1]
    assert [attempt.outcome for attempt in task(run, "one").attempts.all()] == ["retry"]
    engine.tasks.filter(run_id=run.pk).update(not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"


def test_that_finds_its_lease_lost_before_the_rescuer_does_settles_nothing():
    """Its fence would still let it: but an attempt that was cut short is tried again, not buried."""
    run = submitted(spec("one", "test.loses"))
    held = claimed(run, "one", MALLORY)
    assert runner.run_one(held, holder=MALLORY) is None
    assert (task(run, "one").state, task(run, "one").fence) == ("running", held.fence)
    lease_runs_out(run)
    assert rescue_once() == 1
    engine.tasks.filter(run_id=run.pk).update(not_before="2000-01-01T00:00Z")
    assert work(run).state == "completed"
    assert task(run, "one").output == {"attempt": 2}
