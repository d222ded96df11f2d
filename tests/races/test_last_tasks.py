"""Several tasks of one run end at the same moment."""

from __future__ import annotations

import pytest
from django.db import transaction

from nexus import engine
from nexus.settlement.settle import Ending, settle
from nexus.tasks import transitions
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import ALICE, claimed, kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)
DONE = Ending(move="completed", output={})


def settle_together(run: engine.Run, keys: list[str]) -> None:
    """Have one rival per key settle it, all released by one lock at once."""
    held = [claimed(run, key) for key in keys]
    rivals = [Rival(lambda one=one: settle(one, DONE, ALICE, go_on=False)) for one in held]
    with transaction.atomic():
        transitions.lock_run(run.pk)
        for rival in rivals:
            rival.start()
        wait_until_blocked()
    for rival in rivals:
        assert getattr(rival.ended(), "verdict", rival.outcome) == "settled"


def test_close_the_run_once():
    run = submitted(*(spec(f"t{n}") for n in range(4)))
    settle_together(run, [f"t{n}" for n in range(4)])
    assert kinds(run).count("run.completed") == 1
    assert engine.runs.get(pk=run.pk).open_tasks == 0


def test_free_their_join_once():
    run = submitted(*(spec(f"t{n}") for n in range(4)), spec("join", after=tuple(f"t{n}" for n in range(4))))
    settle_together(run, [f"t{n}" for n in range(4)])
    assert task(run, "join").state == "ready"
    assert kinds(run).count("task.ready") == 5
    assert work(run).state == "completed"


def test_an_edge_drawn_meanwhile_is_not_missed():
    """`draws` adds a child of its running sibling, whose settle is waiting for the lock at that moment."""
    drawn = [{"key": "late", "type": "test.echo", "after": ["sibling", "draws"]}]
    run = submitted(spec("draws", "test.draws", input={"then": drawn}), spec("sibling"))
    sibling, drawing = claimed(run, "sibling"), claimed(run, "draws")
    rival = Rival(lambda: settle(sibling, DONE, ALICE, go_on=False))
    with transaction.atomic():
        transitions.lock_run(run.pk)
        rival.start()
        wait_until_blocked()
        then = [spec("late", after=("sibling", "draws"), queue="nexus.agents", timeout=9, max_attempts=1)]
        from nexus.tasks.submit import expand

        expand(engine.runs.get(pk=run.pk), then, by=drawing.task_id)
        transitions.settle(drawing, "completed", ALICE, output={})
    assert rival.ended().verdict == "settled"
    assert states(run)["late"] == "ready"
